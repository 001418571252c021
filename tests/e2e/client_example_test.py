#!/usr/bin/python3
"""The example of eventlog-svc/client/README.md does what the page says: also when the log is away, and comes later."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from log_client import LogClient  # noqa: E402
from processes import ProcessTest, program  # noqa: E402
from services import EventLogService  # noqa: E402


class ClientExampleTest(ProcessTest):
    def run_example(self, name, log):
        child = self.start(name, [program("tests/e2e/client_example"), os.path.join(self.folder, "spool")],
                           env={**os.environ, "EVENTLOG_SERVER": log.grpc})
        self.assertEqual(0, child.wait(), child.err())
        return child.out().decode()

    def test_its_events_are_in_the_log_once(self):
        log = EventLogService(self)
        self.assertEqual("3 kept, all in the log\n", self.run_example("first", log))
        log.kill()
        self.assertEqual("3 kept, not all in the log\n", self.run_example("second", log))
        log.start()
        self.assertEqual("3 kept, all in the log\n", self.run_example("third", log))
        texts = [record.event.text for record in LogClient(log.grpc).read_from(0)]
        self.assertEqual(['{"n":0}', '{"n":1}', '{"n":2}'] * 3, texts)


if __name__ == "__main__":
    unittest.main()
