#!/usr/bin/python3
"""One failed sync of the real service: nothing is acknowledged any more, nobody sees what was not kept, and a restart
brings back exactly what was acknowledged."""

import os
import sys
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
import grpc  # noqa: E402
import oracle  # noqa: E402
from firehose import FirehoseClient  # noqa: E402
from log_client import LogClient, reasons_of, text_event  # noqa: E402
from processes import ProcessTest, program  # noqa: E402
from services import EventLogService, GatewayService  # noqa: E402

EVENTS = 50
REFUSED = 10


class FailedSyncTest(ProcessTest):
    def setUp(self):
        super().setUp()
        self.trigger = os.path.join(self.folder, "fail the next sync")
        environment = dict(os.environ, LD_PRELOAD=program("tests/crash/failing_sync.so"),
                           FAILING_SYNC_TRIGGER=self.trigger)
        self.log = EventLogService(self, env=environment)
        self.client = LogClient(self.log.grpc)

    def refusal(self, payload):
        """Of one append, or None when it is acknowledged."""
        try:
            self.client.append([text_event("sync.test", f'"{payload}"')])
        except grpc.RpcError as error:
            return error
        return None

    def entries(self):
        return oracle.log_entries(self.client.read_from(0))

    def readiness(self):
        try:
            with urllib.request.urlopen(f"http://{self.log.http}/readyz", timeout=20) as response:
                return response.status
        except urllib.error.HTTPError as error:
            return error.code

    def test_first_failure_stops_the_log_until_a_restart(self):
        gateway = GatewayService(self, self.log)
        watcher = FirehoseClient(gateway.url, cursor="earliest", heartbeat_s=1).wait_hello()
        for number in range(EVENTS):
            self.client.append([text_event("sync.test", str(number))])
        kept = [(number, "", number) for number in range(EVENTS)]
        self.assertEqual(kept, self.entries())
        self.assertEqual(200, self.readiness())
        self.assertTrue(self.client.serving())

        with open(self.trigger, "w", encoding="utf-8"):
            pass
        for number in range(REFUSED):
            error = self.refusal(f"refused-{number}")
            self.assertIsNotNone(error, "acknowledged after a failed sync")
            self.assertEqual(grpc.StatusCode.UNAVAILABLE, error.code(), error)
            self.assertEqual(["STORAGE_FAILED"], reasons_of(error))
        self.assertFalse(os.path.exists(self.trigger), "the sync did not fail")
        self.assertEqual(503, self.readiness())
        self.assertFalse(self.client.serving(), "balancers would send more appends")
        self.assertEqual(kept, self.entries())
        self.assertEqual(EVENTS, self.log.stats()["messages"])
        watcher.wait_events(EVENTS)
        watcher.wait_quiet()
        self.assertEqual(kept, watcher.events, "somebody saw an event that was not kept")

        self.assertEqual(1, self.log.stop(), "a log that failed does not end as if all were well")
        self.log.start()
        self.assertEqual(kept, self.entries())
        self.assertTrue(self.client.serving())
        self.assertIsNone(self.refusal("accepted"))
        self.assertEqual(200, self.readiness())
        after = kept + [(EVENTS, "", "accepted")]
        self.assertEqual(after, self.entries())
        watcher.wait_events(len(after))
        watcher.wait_quiet()
        watcher.stop()
        self.assertEqual(after, watcher.events)


if __name__ == "__main__":
    unittest.main()
