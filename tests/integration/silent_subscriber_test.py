#!/usr/bin/python3
"""Subscribers that never read, while events pass: the log's memory stays flat however long they stay, and the others
get everything as it comes. When they read at last they get what is still there, behind a gap of what was trimmed."""

import json
import os
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from log_client import LogClient, message  # noqa: E402
from log_reader import LogReader  # noqa: E402
from processes import Feeder, ProcessTest, program, resident_kib  # noqa: E402
from services import EventLogService  # noqa: E402
from waiting import wait_until  # noqa: E402

SILENT = 10  # their connections live; they only take no message
LINES_PER_SECOND = 1000
PADDING = "x" * 4000
KEPT_BYTES = 64 << 20  # so that a long run does not fill the disk
WARM_UP_EVENTS = 4000
# In the second half of the time, this or a tenth of what passes, whichever is more: a queue would hold all of it.
# 0.2 MiB were seen, and 8 MiB of 430 in five minutes on a machine with ten times as many busy threads as cores.
GROWTH_KIB_MAX = 12 * 1024
# From the first events on. The allocator's arenas come one by one, and grow with the largest group so far.
GROWTH_IN_ALL_KIB_MAX = 64 * 1024

seconds = int(sys.argv.pop().split("=")[1])


class SilentSubscriberTest(ProcessTest):
    def subscribe(self, start):
        request = message("SubscribeRequest")()
        getattr(request, start).SetInParent()
        request.heartbeat_interval.seconds = 1
        client = LogClient(self.log.grpc)
        self.clients.append(client)
        return client.subscribe(request)

    def stopped_process(self):
        """Takes no byte either, not even those that ask whether it lives: the service ends it in the end."""
        tail = self.start("tail", [program("producers/cli/eventlog"), f"--server={self.log.grpc}", "tail",
                                   "--from=earliest"])
        wait_until(tail.out, "the process reads")
        tail.signal(signal.SIGSTOP)

    def let_pass(self, reading, for_s):
        end = time.monotonic() + for_s
        wait_until(lambda: time.monotonic() >= end and reading.check(), "the time is over", for_s + 60)

    def test_memory_stays_flat(self):
        self.log = EventLogService(self, ["--segment_bytes=4194304", "--retention_interval_s=1"])
        self.clients = []
        admin = LogClient(self.log.grpc)
        admin.keep_bytes(KEPT_BYTES)
        reading = LogReader(self.subscribe("latest")).start()
        wait_until(lambda: reading.caught_up and reading.check(), "the reader follows")
        lines = self.start("lines", [program("producers/lines/lines"), f"--server={self.log.grpc}", "--type=load.line"],
                           stdin=subprocess.PIPE)
        feeder = Feeder(lines.process.stdin, lambda n: json.dumps({"number": n, "padding": PADDING}), LINES_PER_SECOND)
        wait_until(lambda: reading.received > 0 and reading.check(), "there is something to read")
        silent = [self.subscribe("earliest") for _ in range(SILENT)]
        self.stopped_process()
        wait_until(lambda: reading.received >= WARM_UP_EVENTS and reading.check(), "the first events have passed")

        begin_kib = resident_kib(self.log.child.pid)
        self.let_pass(reading, seconds / 2)
        half_kib, passed = resident_kib(self.log.child.pid), reading.received
        self.let_pass(reading, seconds / 2)
        end_kib = resident_kib(self.log.child.pid)
        passed_kib = (reading.received - passed) * len(PADDING) >> 10
        self.assertGreater(passed_kib, GROWTH_KIB_MAX, "too few events to show a queue")
        sent = feeder.stop()
        self.assertEqual(0, lines.wait(), lines.err())
        wait_until(lambda: reading.received >= sent and reading.check(), lambda: f"{reading.received} of {sent}")
        print(f"{seconds} s, {SILENT} subscribers that never read: resident were {begin_kib} KiB, {half_kib} KiB after "
              f"half of the time, {end_kib} KiB at the end, when {passed_kib} KiB more had passed", flush=True)
        self.assertLess(end_kib - half_kib, max(GROWTH_KIB_MAX, passed_kib // 10))
        self.assertLess(end_kib - begin_kib, GROWTH_IN_ALL_KIB_MAX)
        self.assertEqual((sent, 0), (reading.received, reading.trimmed))

        late = [LogReader(call).start() for call in silent]
        wait_until(lambda: all(reader.check() and reader.due == sent for reader in late),
                   lambda: f"they come to {sent}: {[reader.due for reader in late]}")
        for reader in (reading, *late):
            self.assertEqual(sent, reader.received + reader.trimmed)
            reader.stop()
        print(f"then they got {[reader.received for reader in late]}, the rest was trimmed", flush=True)
        for client in (admin, *self.clients):
            client.close()
        self.assertEqual(0, self.log.stop())


if __name__ == "__main__":
    unittest.main()
