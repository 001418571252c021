#!/usr/bin/python3
"""Clients whose network goes away without a word: the gateway ends them for want of a pong, gives back what they held,
and the clients beside them notice nothing. Those that come back go on where they were.

Needs root and network namespaces. Argument: --clients=N.
"""

import argparse
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
import network_namespace  # noqa: E402
from firehose import FirehoseClient  # noqa: E402
from processes import Feeder, ProcessTest, program, resident_kib  # noqa: E402
from raw_client import RawClient  # noqa: E402
from services import EventLogService, GatewayService  # noqa: E402
from waiting import wait_until  # noqa: E402

HEALTHY = 3
LINES_PER_SECOND = 200
PONG_DEADLINE_S = 2
# Far beyond: what is cut for being slow would hide what this is about.
SLOW_CLIENT_DEADLINE_S = 3600
# What is left of the buffers of the allocator, whatever the number of clients.
LEFT_KIB = 8 * 1024

parser = argparse.ArgumentParser()
parser.add_argument("--clients", type=int, required=True)


class HalfOpenTest(ProcessTest):
    def setUp(self):
        super().setUp()
        self.far = network_namespace.FarSide(self)
        self.log = EventLogService(self)
        self.gateway = GatewayService(self, self.log, [
            f"--pong_deadline_s={PONG_DEADLINE_S}", f"--slow_client_deadline_s={SLOW_CLIENT_DEADLINE_S}"],
            host=network_namespace.NEAR)

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.gateway.child.pid}/fd"))

    def connect_far(self, query):
        clients = [RawClient(self.gateway.public, connection=connection)
                   for connection in self.far.sockets(options.clients)]
        for client in clients:
            self.addCleanup(client.__exit__)
            client.upgrade(query)
        return clients

    def half_open(self, query):
        """A group of clients, cut off and reaped; returns their last cursors."""
        self.far.mend()
        before = self.gateway.stats()
        clients = self.connect_far(query)
        cursors = [client.read_message()["cursor"] for client in clients]
        self.assertEqual(before["clients"] + options.clients, self.gateway.stats()["clients"])
        self.far.cut()
        wait_until(lambda: self.gateway.stats()["clients"] == before["clients"],
                   lambda: f"all are reaped: {self.gateway.stats()}")
        gone = {reason: count - before["disconnects"].get(reason, 0)
                for reason, count in self.gateway.stats()["disconnects"].items()}
        self.assertEqual({"no_pong": options.clients}, {reason: count for reason, count in gone.items() if count})
        return cursors

    def test_they_are_reaped_and_give_back_what_they_held(self):
        healthy = [FirehoseClient(self.gateway.url, cursor="latest", heartbeat_s=1).wait_hello()
                   for _ in range(HEALTHY)]
        lines = self.start("lines", [program("producers/lines/lines"), f"--server={self.log.grpc}", "--type=tick"],
                           stdin=subprocess.PIPE)
        feeder = Feeder(lines.process.stdin, str, LINES_PER_SECOND)
        wait_until(lambda: len(healthy[0].events) >= LINES_PER_SECOND, "the load passes")
        # One with events under way to clients that are gone, one of idle clients that filter all away.
        for number, query in enumerate(("heartbeat_s=1", "heartbeat_s=1&type=never", "heartbeat_s=1")):
            descriptors, resident = self.descriptors(), resident_kib(self.gateway.child.pid)
            cursors = self.half_open(query)
            wait_until(lambda: self.descriptors() <= descriptors, "the descriptors are back")
            if number > 0:  # the first ones make the allocator take what it keeps
                self.assertLess(resident_kib(self.gateway.child.pid) - resident, LEFT_KIB)
        self.far.mend()
        sent = feeder.stop()
        self.assertEqual(0, lines.wait(), lines.err())
        for client in healthy:
            client.wait_events(sent)
            client.stop()
            self.assertTrue(client.events == [(number, "", number) for number in range(sent)])
            self.assertEqual(([], [], []), (client.closes, client.errors, client.gaps))
        self.check_resumption(cursors[0], sent)

    def check_resumption(self, cursor, sent):
        """What a client that was cut off does when its network is back."""
        client = FirehoseClient(self.gateway.url, cursor=cursor, heartbeat_s=1).wait_hello()
        first = int(cursor.rpartition(":")[2]) + 1
        client.wait_events(sent - first)
        client.stop()
        self.assertTrue(client.events == [(number, "", number) for number in range(first, sent)])


if __name__ == "__main__":
    if network_namespace.enter_own_namespace():
        options, sys.argv[1:] = parser.parse_known_args()
        unittest.main()
