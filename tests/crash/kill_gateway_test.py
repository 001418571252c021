#!/usr/bin/python3
"""kill -9 of the gateway under load: clients that come back with their last cursor end up with exactly the log."""

import os
import random
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
import oracle  # noqa: E402
from firehose import FirehoseClient  # noqa: E402
from log_client import LogClient  # noqa: E402
from processes import Feeder, ProcessTest, program  # noqa: E402
from services import EventLogService, GatewayService  # noqa: E402
from waiting import wait_until  # noqa: E402

CLIENTS = 4
LINES_PER_SECOND = 4000
EVENTS_PER_ROUND = (300, 3000)  # received by the slowest client before the kill

rounds = int(sys.argv.pop().split("=")[1])


class KillGatewayTest(ProcessTest):
    def test_clients_end_up_with_the_log(self):
        seed = int.from_bytes(os.urandom(4), "little")
        print(f"seed {seed}", flush=True)
        choose = random.Random(seed)
        log = EventLogService(self)
        gateway = GatewayService(self, log)
        clients = [FirehoseClient(gateway.url, cursor="latest", heartbeat_s=1).wait_hello() for _ in range(CLIENTS)]
        producer = self.start("lines", [program("producers/lines/lines"), f"--server={log.grpc}", "--type=load.line",
                                        "--subject=p", "--print_acks"], stdin=subprocess.PIPE)
        feeder = Feeder(producer.process.stdin, str, LINES_PER_SECOND)

        for number in range(rounds):
            goal = min(len(client.events) for client in clients) + choose.randint(*EVENTS_PER_ROUND)
            wait_until(lambda: min(len(client.events) for client in clients) >= goal,
                       lambda: f"round {number}: {[len(client.events) for client in clients]} events, want {goal}; "
                               f"{[client.closes[-2:] for client in clients]} {[client.failure for client in clients]}")
            gateway.kill()
            gateway.start()

        sent = feeder.stop()
        self.assertEqual(0, producer.wait(), producer.err())
        entries = oracle.log_entries(LogClient(log.grpc).read_from(0))
        oracle.check_dense(entries)
        oracle.check_each_once_in_order(entries, "p", list(range(sent)))
        for number, client in enumerate(clients):
            client.wait_events(len(entries))
            client.wait_quiet()
            client.stop()
            oracle.check_same(f"client {number}", client.events, entries)
            self.assertEqual([], client.gaps)
            # A gateway that has just started may say that it has not reached the log yet: come again.
            self.assertEqual([], [error for error in client.errors if error["code"] != "UPSTREAM_UNAVAILABLE"])
            self.assertGreaterEqual(len(client.hellos), rounds + 1)


if __name__ == "__main__":
    unittest.main()
