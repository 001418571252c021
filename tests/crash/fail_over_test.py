#!/usr/bin/python3
"""A log that moves between two addresses, killed each time: who appends to both of them goes on at the other one, and
everything is in the log once, in order."""

import os
import random
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
import oracle  # noqa: E402
from log_client import LogClient  # noqa: E402
from processes import ProcessTest  # noqa: E402
from services import EventLogService  # noqa: E402
from told_producer import ToldProducer  # noqa: E402
from waiting import wait_until  # noqa: E402

MOVES = 6
EVENTS_BETWEEN = (50, 2000)


class FailOverTest(ProcessTest):
    def test_everything_arrives_once_whichever_address_answers(self):
        here = EventLogService(self, name="here")
        here.kill()
        there = EventLogService(self, name="there", data_dir=here.data_dir)
        servers = f"{here.grpc},{there.grpc}"
        producers = [ToldProducer(self, f"producer-{name}", servers, subject=name, events_per_second=2000, **flags)
                     for name, flags in (("memory", {}), ("spool", {"spool": os.path.join(self.folder, "spool")}))]
        for producer in producers:
            producer.command("append 1000000", await_done=False)
        choose = random.Random()
        reader = LogClient(there.grpc)
        for _ in range(MOVES):
            due = len(reader.read_from(0)) + choose.randint(*EVENTS_BETWEEN)
            wait_until(lambda: len(reader.read_from(0)) >= due, lambda: f"{due} events are in the log")
            there.kill()
            here.start()
            here, there, reader = there, here, LogClient(here.grpc)
        for producer in producers:
            producer.kill()
        last = ToldProducer(self, "last", servers, subject="last", spool=os.path.join(self.folder, "spool"))
        last.command("append 1")
        self.assertEqual(0, last.close(), last.child.err()[-3000:])
        entries = oracle.log_entries(reader.read_from(0))
        oracle.check_dense(entries)
        for producer, name in zip(producers, ("memory", "spool")):
            found = [payload["number"] for _, subject, payload in entries if subject == name]
            self.assertEqual(list(range(len(found))), found)
            self.assertEqual([], producer.refused)
        # With a spool also what was not answered when it was killed.
        self.assertIn(len(found), (len(producers[1].kept), len(producers[1].kept) + 1))
        print(f"{MOVES} moves; {len(entries)} events, each once", flush=True)


if __name__ == "__main__":
    unittest.main()
