#!/usr/bin/python3
"""One client stops reading while many events pass: the others notice nothing, the gateway's memory stays flat however
long the stopped one stays, and when its time is up it is told so, with a cursor from which it goes on without loss."""

import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from firehose import FirehoseClient, StoppedClient  # noqa: E402
from processes import Feeder, ProcessTest, peak_resident_kib, program, resident_kib  # noqa: E402
from services import EventLogService, GatewayService  # noqa: E402
from waiting import wait_until  # noqa: E402

RING_KIB = 2 * 1024
COLD_CACHE_KIB = 2 * 1024
# What the first events bring once, and which does not grow with their number: messages of the stream on their way
# through gRPC, kept frames, the allocator's arenas of each thread. 21 to 29 MiB were seen, with the ring and the cache.
WARM_UP_KIB = 44 * 1024
GROWTH_KIB_MAX = RING_KIB + COLD_CACHE_KIB + WARM_UP_KIB
READING_CLIENTS = 3
LINES_PER_SECOND = 20_000
PADDING = "x" * 1000
# Longer than the test: nobody is cut. And one that readers in Python never reach, however busy the machine is.
NEVER_S = 3600
SLOW_CLIENT_DEADLINE_S = 20

events = int(sys.argv.pop().split("=")[1])


def line(number):
    return '{"number":%d,"padding":"%s"}' % (number, PADDING)


def number_of(payload):
    return payload["number"]


def numbered(first, count):
    return [(offset, "", offset) for offset in range(first, first + count)]


class StoppedClientTest(ProcessTest):
    def begin(self, slow_client_deadline_s):
        """Both services, the clients, greeted, and nothing appended yet."""
        self.log = EventLogService(self)
        # The stopped client answers no ping either; here its end is to come from what it does not read.
        self.gateway = GatewayService(self, self.log, [
            f"--ring_bytes_max={RING_KIB << 10}", f"--cold_cache_bytes_max={COLD_CACHE_KIB << 10}",
            f"--slow_client_deadline_s={slow_client_deadline_s}", f"--pong_deadline_s={NEVER_S}"])
        self.readers = [self.follow(cursor="latest") for _ in range(READING_CLIENTS)]
        self.stopped = StoppedClient(self.gateway.url, keep=number_of, cursor="latest").wait_hello()

    def follow(self, cursor):
        return FirehoseClient(self.gateway.url, keep=number_of, cursor=cursor, heartbeat_s=1).wait_hello()

    def pass_events(self):
        """Until every reading client has all of them, once, in order and without noticing anything."""
        producer = self.start("lines", [program("producers/lines/lines"), f"--server={self.log.grpc}",
                                        "--type=load.line"], stdin=subprocess.PIPE)
        feeder = Feeder(producer.process.stdin, line, LINES_PER_SECOND, count_max=events)
        for reader in self.readers:
            self.wait_received(reader, events)
        self.assertEqual(events, feeder.stop())
        self.assertEqual(0, producer.wait(), producer.err())
        for reader in self.readers:
            reader.wait_quiet()
            reader.stop()
            self.assertTrue(reader.events == numbered(0, events), f"{len(reader.events)} events")
            self.assertEqual(([], [], []), (reader.closes, reader.errors, reader.gaps))

    def wait_received(self, client, count):
        client.wait_events(count, patience_s=120 + events / 2000)

    def slow_disconnects(self):
        return self.gateway.stats()["disconnects"].get("slow", 0)

    def test_memory_stays_flat(self):
        self.begin(NEVER_S)
        broadcast_kib = events * len(PADDING) >> 10
        self.assertGreater(broadcast_kib, 2 * GROWTH_KIB_MAX, "too few events to show a queue")
        before_kib = resident_kib(self.gateway.child.pid)
        self.pass_events()
        self.assertEqual(0, self.slow_disconnects(), "the client whose memory this is about was cut")
        # All that it left lying comes through the cold cache now.
        self.stopped.read_on()
        self.wait_received(self.stopped, events)
        peak_kib = peak_resident_kib(self.gateway.child.pid)
        print(f"resident: {before_kib} KiB before the first event, {peak_kib} KiB at most while {broadcast_kib} KiB "
              f"of padding passed in {events} events", flush=True)
        self.assertLess(peak_kib - before_kib, GROWTH_KIB_MAX)
        self.stopped.stop()
        self.assertTrue(self.stopped.events == numbered(0, events), f"{len(self.stopped.events)} events")
        self.assertEqual(([], []), (self.stopped.errors, self.stopped.gaps))
        self.assertEqual(0, self.slow_disconnects())

    def test_it_is_told_and_resumes(self):
        self.begin(SLOW_CLIENT_DEADLINE_S)
        self.pass_events()
        wait_until(lambda: self.slow_disconnects() == 1, lambda: f"the stopped client is cut: {self.gateway.stats()}",
                   60 + SLOW_CLIENT_DEADLINE_S)
        stopped = self.stopped
        stopped.read_on()
        wait_until(lambda: stopped.closes or stopped.failure, "the stopped client reads to its end")
        stopped.stop()
        seen = len(stopped.events)
        self.assertTrue(stopped.events == numbered(0, seen), f"{seen} events")
        self.assertLess(seen, events)
        self.assertEqual(["SLOW_CLIENT"], [error["code"] for error in stopped.errors])
        error, (code, reason) = stopped.errors[0], stopped.closes[0]
        self.assertTrue(error["retry"])
        self.assertEqual(4200, code)
        self.assertIn(error["cursor"], reason)

        resumed = self.follow(error["cursor"])
        self.wait_received(resumed, events - seen)
        resumed.wait_quiet()
        resumed.stop()
        self.assertTrue(resumed.events == numbered(seen, events - seen), f"{len(resumed.events)} events from {seen}")
        self.assertEqual(1, self.slow_disconnects(), "only the stopped client is cut")
        print(f"the stopped client had {seen} events, and got the other {len(resumed.events)} later", flush=True)


if __name__ == "__main__":
    unittest.main()
