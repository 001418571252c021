#!/usr/bin/python3
"""The log service stands still, is killed, and is away for a while: who appends goes on all the same; everything
arrives once, in order, when it is back; and what exceeded a bound is exactly what the counter says."""

import os
import signal
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
import oracle  # noqa: E402
from log_client import LogClient  # noqa: E402
from processes import ProcessTest  # noqa: E402
from services import EventLogService  # noqa: E402
from told_producer import ToldProducer  # noqa: E402

# More than can be on its way: what was sent and is not answered never makes room.
EVENTS_MAX = 3000
BEYOND = 137


class SpoolAbsenceTest(ProcessTest):
    def absences(self, log):
        """Each is a way to be away, and to come back."""
        yield "stopped", lambda: log.child.signal(signal.SIGSTOP), lambda: log.child.signal(signal.SIGCONT)
        yield "killed", log.kill, log.start

    def numbers(self, log, subject):
        entries = oracle.log_entries(LogClient(log.grpc).read_from(0))
        oracle.check_dense(entries)
        return [payload["number"] for _, of, payload in entries if of == subject]

    def test_appending_goes_on_and_everything_arrives(self):
        log = EventLogService(self)
        for spool in (False, True):
            flags = {"spool": os.path.join(self.folder, "spool")} if spool else {}
            subject = f"spool {spool}"
            producer = ToldProducer(self, f"producer{spool}", log.grpc, subject=subject, **flags)
            count = 0
            for name, go, come in self.absences(log):
                for command in (500, 1500):
                    # While the service is away: a call that waited for it would never return.
                    producer.command(f"append {command}")
                    count += command
                    go() if command == 500 else come()
                with self.subTest(name=name, spool=spool):
                    self.assertEqual(count, len(producer.kept))
            self.assertEqual(0, producer.close(), producer.child.err()[-3000:])
            self.assertEqual(list(range(count)), self.numbers(log, subject))
            self.assertEqual(0, producer.counters["dropped"])

    def test_what_exceeds_a_bound_is_what_the_counter_says(self):
        log = EventLogService(self)
        for spool in (False, True):
            for when_full in ("newest", "oldest", "block"):
                for name, go, come in self.absences(log):
                    with self.subTest(name=name, spool=spool, when_full=when_full):
                        self.check_bound(log, f"{name}-{spool}-{when_full}", spool, when_full, go, come)

    def check_bound(self, log, subject, spool, when_full, go, come):
        flags = {"spool": os.path.join(self.folder, subject)} if spool else {}
        producer = ToldProducer(self, f"bound-{subject}", log.grpc, subject=subject, when_full=when_full, block_ms=5,
                                events_max=EVENTS_MAX, **flags)
        # Some are on their way, without an answer, when it goes.
        producer.command("append 200")
        go()
        producer.command(f"append {EVENTS_MAX + BEYOND}")
        producer.command("counters")
        away = dict(producer.counters)
        come()
        self.assertEqual(0, producer.close(), producer.child.err()[-3000:])
        appended = 200 + EVENTS_MAX + BEYOND
        counters, found = producer.counters, self.numbers(log, subject)
        self.assertGreaterEqual(counters["dropped"], BEYOND)
        self.assertEqual(away["dropped"], counters["dropped"], "nothing is dropped once it is back")
        self.assertEqual(appended - counters["dropped"], len(found))
        self.assertEqual(sorted(set(found)), found)
        if when_full == "oldest":
            self.assertEqual([], producer.refused)
            self.assertEqual(counters["dropped"], counters["displaced"])
            self.assertEqual(list(range(appended - BEYOND, appended)), found[-BEYOND:])
        else:
            self.assertEqual(producer.kept, found)
            self.assertEqual(counters["dropped"], len(producer.refused))
            self.assertEqual(0, counters["displaced"])


if __name__ == "__main__":
    unittest.main()
