#!/usr/bin/python3
"""Each event that proto/session/v1 describes, as a firehose client sees it: from the message, through its JSON mapping,
the log and the gateway, to the frame."""

import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/e2e"))
from golden_frames import FrameClient, expect_golden  # noqa: E402
from log_client import LogClient, text_event  # noqa: E402
from processes import ProcessTest, program  # noqa: E402
from services import EventLogService, GatewayService  # noqa: E402

FOLDER = "tests/e2e/golden/session"


class SessionGoldenTest(ProcessTest):
    def test_each_event_is_what_its_golden_file_says(self):
        samples = subprocess.run([program("tests/e2e/session_samples")], capture_output=True, text=True, check=True)
        events = [line.split("\t") for line in samples.stdout.splitlines()]
        log = EventLogService(self)
        gateway = GatewayService(self, log)
        client = LogClient(log.grpc)
        client.append([text_event(kind, data, subject="s1") for kind, data in events])
        frames = FrameClient(gateway.url).wait_frames(len(events))
        for (kind, data), frame in zip(events, frames, strict=True):
            self.assertIn(f'"data":{data}', frame)
            expect_golden(self, FOLDER, kind, frame)
        golden = os.listdir(program(FOLDER)) if os.path.isdir(program(FOLDER)) else []
        self.assertEqual(sorted(f"{kind}.frame.json" for kind, _ in events), sorted(golden))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
