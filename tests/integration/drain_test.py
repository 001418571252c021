#!/usr/bin/python3
"""SIGTERM of a gateway under load: it is not ready at once, tells every client its own time to come back, closes each
with a cursor, and another gateway of the same log goes on from there: every client gets each event once.

Argument: --clients=N.
"""

import argparse
import os
import signal
import subprocess
import sys
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from crowd import Crowd  # noqa: E402
from processes import Feeder, ProcessTest, program  # noqa: E402
from raw_client import RawClient  # noqa: E402
from services import EventLogService, GatewayService  # noqa: E402
from waiting import wait_until  # noqa: E402

LINES_PER_SECOND = 1000
DRAIN_MS = 3000

parser = argparse.ArgumentParser()
parser.add_argument("--clients", type=int, required=True)
options, sys.argv[1:] = parser.parse_known_args()


class DrainTest(ProcessTest):
    def readiness(self, gateway):
        """The status of /readyz; 0 when nobody answers."""
        try:
            with urllib.request.urlopen(f"http://{gateway.ops}/readyz", timeout=20) as response:
                return response.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def refuses(self, gateway):
        try:
            with RawClient(gateway.public):
                return False
        except OSError:
            return True

    def test_every_client_goes_on_at_the_other_gateway(self):
        log = EventLogService(self)
        first = GatewayService(self, log, [f"--drain_ms={DRAIN_MS}"], name="first gateway")
        second = GatewayService(self, log, name="second gateway")
        crowd = Crowd(self)
        crowd.connect("crowd", options.clients, first.public, "cursor=earliest")
        crowd.await_greeted("crowd")
        lines = self.start("lines", [program("producers/lines/lines"), f"--server={log.grpc}", "--type=tick"],
                           stdin=subprocess.PIPE)
        feeder = Feeder(lines.process.stdin, str, LINES_PER_SECOND)
        crowd.await_offset("crowd", LINES_PER_SECOND)

        self.assertEqual(200, self.readiness(first))
        first.child.signal(signal.SIGTERM)
        wait_until(lambda: self.readiness(first) != 200, "it is not ready")
        # That is so before its clients are gone, so that nobody is sent to it.
        self.assertEqual(503, self.readiness(first))
        # And a moment later nobody new is let in.
        wait_until(lambda: self.refuses(first), "it takes no more connections")
        ended = crowd.await_all("crowd", "all are closed", lambda report: report["open"] == 0)
        self.assertEqual(0, first.child.wait())
        self.assertEqual({"1012": options.clients}, ended["closes"])
        self.assertEqual(options.clients, ended["drained"], "not all were told when to come back")
        self.assertGreater(ended["delays"], options.clients // 10, "they are told to come back at the same time")
        self.assertGreaterEqual(ended["delay_min_ms"], 0)

        crowd.reconnect("crowd", second.public)
        crowd.await_greeted("crowd")
        sent = feeder.stop()
        self.assertEqual(0, lines.wait(), lines.err())
        crowd.await_offset("crowd", sent - 1)
        report = crowd.report("crowd")
        self.assertEqual((sent, sent), (report["events_min"], report["events_max"]))
        print(f"{options.clients} clients; {ended['delays']} delays of {ended['delay_min_ms']} to "
              f"{ended['delay_max_ms']} ms; {sent} events each", flush=True)


if __name__ == "__main__":
    unittest.main()
