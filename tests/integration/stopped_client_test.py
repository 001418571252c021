#!/usr/bin/python3
"""One client stops reading while many events pass: the others notice nothing, the gateway's memory stays flat, and the
stopped one is told so, with a cursor from which it goes on without loss."""

import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from firehose import FirehoseClient, StoppedClient  # noqa: E402
from processes import Feeder, ProcessTest, program, resident_kib  # noqa: E402
from services import EventLogService, GatewayService  # noqa: E402
from waiting import wait_until  # noqa: E402

RING_KIB = 2 * 1024
COLD_CACHE_KIB = 2 * 1024
READING_CLIENTS = 3
LINES_PER_SECOND = 20_000
PADDING = "x" * 200
# Far above what the allocator and the kernel's page accounting move by themselves, far below what was broadcast.
GROWTH_KIB_MAX = RING_KIB + COLD_CACHE_KIB + 2 * 1024

events = int(sys.argv.pop().split("=")[1])


def line(number):
    return '{"number":%d,"padding":"%s"}' % (number, PADDING)


def numbered(first, count):
    return [(offset, "", offset) for offset in range(first, first + count)]


class StoppedClientTest(ProcessTest):
    def test_it_is_told_and_nobody_else_notices(self):
        log = EventLogService(self)
        gateway = GatewayService(self, log, [f"--ring_bytes_max={RING_KIB << 10}",
                                             f"--cold_cache_bytes_max={COLD_CACHE_KIB << 10}",
                                             "--slow_client_deadline_s=3"])
        keep = {"keep": lambda payload: payload["number"]}
        readers = [FirehoseClient(gateway.url, cursor="latest", heartbeat_s=1, **keep).wait_hello()
                   for _ in range(READING_CLIENTS)]
        stopped = StoppedClient(gateway.url, cursor="latest", **keep).wait_hello()
        producer = self.start("lines", [program("producers/lines/lines"), f"--server={log.grpc}", "--type=load.line"],
                              stdin=subprocess.PIPE)
        feeder = Feeder(producer.process.stdin, line, LINES_PER_SECOND, count_max=events)

        # The ring is full, and the stopped client out of it, long before a quarter has passed.
        self.wait_received(readers, events // 4)
        before_kib = resident_kib(gateway.child.pid)
        self.wait_received(readers, events)
        after_kib = resident_kib(gateway.child.pid)
        print(f"resident: {before_kib} KiB after a quarter, {after_kib} KiB after all {events} events", flush=True)
        self.assertLess(after_kib - before_kib, GROWTH_KIB_MAX)
        self.assertEqual(events, feeder.stop())
        self.assertEqual(0, producer.wait(), producer.err())

        self.check_readers(readers)
        wait_until(lambda: gateway.stats()["disconnects"].get("slow") == 1,
                   lambda: f"the stopped client is cut: {gateway.stats()}")
        self.check_stopped(gateway, stopped, keep)

    def wait_received(self, readers, count):
        for reader in readers:
            reader.wait_events(count, patience_s=60 + events / 2000)

    def check_readers(self, readers):
        expected = numbered(0, events)
        for reader in readers:
            reader.wait_quiet()
            reader.stop()
            self.assertTrue(reader.events == expected, f"{len(reader.events)} events")
            self.assertEqual(([], [], []), (reader.closes, reader.errors, reader.gaps))

    def check_stopped(self, gateway, stopped, keep):
        """What it still finds is the beginning of the log, then the reason, and the cursor leads to exactly the rest."""
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

        resumed = FirehoseClient(gateway.url, cursor=error["cursor"], heartbeat_s=1, **keep).wait_hello()
        resumed.wait_events(events - seen, patience_s=60 + events / 2000)
        resumed.wait_quiet()
        resumed.stop()
        self.assertTrue(resumed.events == numbered(seen, events - seen), f"{len(resumed.events)} events from {seen}")
        print(f"the stopped client had {seen} events, and got the other {len(resumed.events)} later", flush=True)


if __name__ == "__main__":
    unittest.main()
