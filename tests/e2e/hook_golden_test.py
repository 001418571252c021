#!/usr/bin/python3
"""Each hook payload of a coding agent, and one that nobody knows, as a firehose client sees it: byte for byte."""

import glob
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/e2e"))
from golden_frames import FrameClient, expect_golden  # noqa: E402
from hooks import Hooks  # noqa: E402
from processes import ProcessTest, program  # noqa: E402
from services import EventLogService, GatewayService  # noqa: E402

FOLDER = "tests/e2e/golden/hook"
SUFFIX = ".payload.json"
KNOWN = {"pre_tool_use", "post_tool_use", "stop", "session_start", "user_prompt_submit", "permission_request",
         "notification", "subagent_stop", "pre_compact", "session_end"}


class HookGoldenTest(ProcessTest):
    def test_each_payload_is_what_its_golden_file_says(self):
        names = sorted(os.path.basename(path)[:-len(SUFFIX)] for path in glob.glob(f"{program(FOLDER)}/*{SUFFIX}"))
        self.assertLess(KNOWN, set(names))
        log = EventLogService(self)
        hooks = Hooks(self, log.grpc)
        payloads = []
        for name in names:
            with open(f"{program(FOLDER)}/{name}{SUFFIX}", "rb") as file:
                payloads.append(file.read())
            # Every other one belongs to a session of ours.
            hooks.keep(payloads[-1], **({"EVENTLOG_SESSION_ID": "s1"} if len(payloads) % 2 else {}))
        frames = FrameClient(GatewayService(self, log).url).wait_frames(len(names))
        for name, payload, frame in zip(names, payloads, frames, strict=True):
            self.assertIn(f'"type":"hook.{name}"', frame)
            self.assertTrue(frame.partition('"data":')[2].startswith(payload.decode()), frame)
            expect_golden(self, FOLDER, name, frame)
        hooks.wait_no_senders()


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
