#!/usr/bin/python3
"""The log service stands still (SIGSTOP) under load, longer than its clients wait, and goes on: everything that was
acknowledged is there once, at its offset; what was open is repeated and stored once; nobody needs help."""

import json
import os
import signal
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
import oracle  # noqa: E402
from batch_producer import BatchProducer  # noqa: E402
from firehose import FirehoseClient  # noqa: E402
from log_client import LogClient  # noqa: E402
from processes import Feeder, ProcessTest, program  # noqa: E402
from services import EventLogService, GatewayService  # noqa: E402
from waiting import wait_until  # noqa: E402

LINES_PER_SECOND = 1000
EVENTS_BETWEEN = 500  # acknowledged before each stop

stopped_s = int(sys.argv.pop().split("=")[1])
rounds = int(sys.argv.pop().split("=")[1])


class StoppedEventLogTest(ProcessTest):
    def test_it_goes_on_where_it_stood(self):
        log = EventLogService(self)
        gateway = GatewayService(self, log)
        client = FirehoseClient(gateway.url, cursor="latest", heartbeat_s=1).wait_hello()
        lines = self.start("lines", [program("producers/lines/lines"), f"--server={log.grpc}", "--type=load.line",
                                     "--subject=lines", "--print_acks"], stdin=subprocess.PIPE)
        acknowledged = oracle.Acknowledgements(lines)
        feeder = Feeder(lines.process.stdin, lambda n: json.dumps({"number": n}), LINES_PER_SECOND)
        batches = BatchProducer(log.grpc, "batches")

        def count():
            self.assertIsNone(batches.failure)
            return len(acknowledged.offsets()) + len(batches.acknowledged)

        for _ in range(rounds):
            due = count() + EVENTS_BETWEEN
            wait_until(lambda: count() >= due, lambda: f"{due} acknowledged, {count()} are")
            log.child.signal(signal.SIGSTOP)
            # What it does is what is looked at: nothing, for this long.
            threading.Event().wait(stopped_s / 2)
            standing = count()
            threading.Event().wait(stopped_s / 2)
            self.assertEqual(standing, count(), "a service that stands still acknowledged something")
            log.child.signal(signal.SIGCONT)
            wait_until(lambda: count() > standing, "appends are acknowledged again")
        sent = feeder.stop()
        self.assertEqual(0, lines.wait(), lines.err())
        batches.stop()

        records = LogClient(log.grpc).read_from(0)
        entries = oracle.log_entries(records)
        oracle.check_dense(entries)
        oracle.check_each_once_in_order(entries, "lines", [{"number": number} for number in range(sent)])
        self.assertEqual(len(batches.sizes), oracle.check_batches(records, "batches"))
        by_offset = {offset: (subject, data) for offset, subject, data in entries}
        oracle.check_acknowledged("lines", acknowledged.offsets(), lambda number: {"number": number}, by_offset)
        client.wait_events(len(entries))
        client.wait_quiet()
        client.stop()
        oracle.check_same("the firehose client", client.events, entries)
        self.assertEqual([], client.gaps)
        print(f"stopped {rounds} times for {stopped_s} s; {len(entries)} events, each once", flush=True)


if __name__ == "__main__":
    unittest.main()
