#!/usr/bin/python3
"""kill -9 of producers with a spool, again and again, while the log is up, stopped, killed or away: every event that a
producer was told is kept arrives once, in order. What was told is known here, through a pipe, not in what is killed."""

import os
import random
import signal
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
import oracle  # noqa: E402
from log_client import LogClient  # noqa: E402
from processes import ProcessTest  # noqa: E402
from services import EventLogService  # noqa: E402
from told_producer import ToldProducer  # noqa: E402
from waiting import wait_until  # noqa: E402

EVENTS_PER_SECOND = 2000
EVENTS_PER_ROUND = (1, 400)  # told by the producer that is killed then
PRODUCERS = 2  # at once: one of them sends, the other one goes on when that is killed

rounds = int(sys.argv.pop().split("=")[1])


class SpoolKillTest(ProcessTest):
    def test_what_was_told_to_be_kept_arrives_once(self):
        seed = int.from_bytes(os.urandom(4), "little")
        print(f"seed {seed}", flush=True)
        self.choose = random.Random(seed)
        self.log = EventLogService(self)
        self.flags = {"spool": os.path.join(self.folder, "spool"), "events_per_second": EVENTS_PER_SECOND}
        told = {}  # by subject, in the order of their lives
        for number in range(rounds):
            for producer in self.kill_round(number):
                told[producer.subject] = producer.kept
        last = ToldProducer(self, "last", self.log.grpc, spool=self.flags["spool"], subject="last")
        last.command("append 1")
        # Its own event is the last one of the spool: when that is answered, all before it are.
        self.assertEqual(0, last.close(), last.child.err())
        told["last"] = [0]
        self.check(told)

    def kill_round(self, number):
        """Two producers, each killed at some moment, with the log in some state. Returns them."""
        producers = []
        for each in range(PRODUCERS):
            subject = f"round{number}-{each}"
            producer = ToldProducer(self, f"producer{each}", self.log.grpc, subject=subject, **self.flags)
            producer.subject = subject
            producer.command("append 1000000", await_done=False)
            producers.append(producer)
        fault = self.choose.choice(["none", "none", "stop", "kill", "away"])
        self.begin(fault)
        for producer in self.choose.sample(producers, PRODUCERS):
            due = len(producer.kept) + self.choose.randint(*EVENTS_PER_ROUND)
            wait_until(lambda: len(producer.kept) >= due or producer.child.process.poll() is not None,
                       lambda: f"round {number}, {fault}: {due} kept, {len(producer.kept)} are")
            self.assertIsNone(producer.child.process.poll(), producer.child.err()[-3000:])
            producer.kill()
            self.assertEqual([], producer.refused)
        self.end(fault)
        return producers

    def begin(self, fault):
        if fault == "stop":
            self.log.child.signal(signal.SIGSTOP)
        elif fault in ("kill", "away"):
            self.log.kill()
        if fault == "kill":
            self.log.start()

    def end(self, fault):
        if fault == "stop":
            self.log.child.signal(signal.SIGCONT)
        elif fault == "away":
            self.log.start()

    def check(self, told):
        entries = oracle.log_entries(LogClient(self.log.grpc).read_from(0))
        oracle.check_dense(entries)
        found = {}
        for _, subject, payload in entries:
            found.setdefault(subject, []).append(payload["number"])
        unknown = 0
        for subject, numbers in told.items():
            got = found.pop(subject, [])
            # The one after the last that was told may have been kept: it was killed before it could say so.
            self.assertIn(got, (list(range(len(numbers))), list(range(len(numbers) + 1))), subject)
            self.assertEqual(numbers, list(range(len(numbers))), subject)
            unknown += len(got) - len(numbers)
        self.assertEqual({}, found)
        total = sum(map(len, told.values()))
        # One row for all: who added later comes later.
        rounds_seen = [int(subject[5:].partition("-")[0]) for _, subject, _ in entries if subject != "last"]
        self.assertEqual(sorted(rounds_seen), rounds_seen)
        print(f"{rounds} rounds, {rounds * PRODUCERS} producers killed: {total} events were told to be kept and are in "
              f"the log once, in order; {unknown} more were kept and not told", flush=True)


if __name__ == "__main__":
    unittest.main()
