#!/usr/bin/python3
"""The log service stands still, is killed, and is away for a while: who appends goes on all the same; everything
arrives once, in order, when it is back; and what exceeded a bound is exactly what the counter says."""

import json
import os
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
import oracle  # noqa: E402
from hooks import Hooks, payload_of  # noqa: E402
from log_client import LogClient  # noqa: E402
from processes import ProcessTest, program  # noqa: E402
from services import EventLogService  # noqa: E402
from told_producer import ToldProducer  # noqa: E402

# More than can be on its way: what was sent and is not answered never makes room.
EVENTS_MAX = 3000
BEYOND = 137
# Of each producer, in the test that lasts.
EVENTS_PER_SECOND = 50

# For how long the log stands still, and then for how long it is gone.
absent_s = int(sys.argv.pop().split("=")[1])


class SpoolAbsenceTest(ProcessTest):
    def absences(self, log):
        """Each is a way to be away, and to come back."""
        yield "stopped", log.child.stand_still, lambda: log.child.signal(signal.SIGCONT)
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
        self.assertNotRegex(producer.child.err(), r"dropped, .*: OK\n")
        if when_full == "oldest":
            self.assertEqual([], producer.refused)
            self.assertEqual(counters["dropped"], counters["displaced"])
            self.assertEqual(list(range(appended - BEYOND, appended)), found[-BEYOND:])
        else:
            self.assertEqual(producer.kept, found)
            self.assertEqual(counters["dropped"], len(producer.refused))
            self.assertEqual(0, counters["displaced"])

    def test_who_goes_on_for_the_whole_absence_does_not_notice(self):
        log = EventLogService(self)
        for name, go, come in self.absences(log):
            with self.subTest(name=name):
                self.check_absence(log, name, go, come)

    def check_absence(self, log, name, go, come):
        """Producers with and without a spool, with a bound and without, hooks, and a command that is wrapped."""
        events = EVENTS_PER_SECOND * (absent_s + 2)  # a second before, and one after
        producers = {}
        for what, flags in {"queue": {}, "bounded-queue": {"events_max": events // 2, "when_full": "newest"},
                            "spool": {"spool": os.path.join(self.folder, f"{name}-spool")},
                            "bounded-spool": {"spool": os.path.join(self.folder, f"{name}-bounded-spool"),
                                              "events_max": events // 2, "when_full": "oldest"}}.items():
            subject = f"{name} {what}"
            producers[what] = ToldProducer(self, f"{name}-{what}", log.grpc, subject=subject,
                                           events_per_second=EVENTS_PER_SECOND, **flags)
            producers[what].subject = subject
        hooks = Hooks(self, log.grpc, spools=os.path.join(self.folder, f"{name}-hooks"))
        took_ms = []
        self.go_on(producers, hooks, 1, took_ms)
        go()
        wrapped = subprocess.Popen(
            [program("producers/session/session"), "run", "--", "sh", "-c", "read line; exit 7"],
            stdin=subprocess.PIPE, env={**hooks.environment, "EVENTLOG_SESSION_DIR": os.path.join(self.folder, name)})
        self.addCleanup(wrapped.kill)
        self.go_on(producers, hooks, absent_s, took_ms)
        wrapped.communicate(b"line\n")
        self.assertEqual(7, wrapped.returncode)
        come()
        self.go_on(producers, hooks, 1, took_ms)
        for producer in producers.values():
            self.assertEqual(0, producer.close(), producer.child.err()[-3000:])
            self.check_told(log, producer, events)
        for what in ("queue", "spool"):
            self.assertEqual(events, len(producers[what].kept))
            self.assertEqual(0, producers[what].counters["dropped"])
        for what in ("bounded-queue", "bounded-spool"):
            self.assertGreater(producers[what].counters["dropped"], 0)
        hooks.flush()
        status = hooks.ask("status")
        self.assertEqual((0, 0), (status["dropped"], status["rejected"]))
        hooks.wait_no_senders()
        self.check_hooks(log, name, len(took_ms), status["added"])
        dropped = {what: producer.counters["dropped"] for what, producer in producers.items()}
        took_ms.sort()
        print(f"{name} for {absent_s} s: {events} events of each producer, dropped {dropped}; {len(took_ms)} hooks, "
              f"median {took_ms[len(took_ms) // 2]:.1f} ms, worst {took_ms[-1]:.1f} ms", flush=True)

    def go_on(self, producers, hooks, seconds, took_ms):
        for _ in range(seconds):
            for producer in producers.values():
                producer.command(f"append {EVENTS_PER_SECOND}", await_done=False)
            began = time.monotonic()
            hooks.keep(payload_of("PostToolUse", number=len(took_ms)))
            took_ms.append((time.monotonic() - began) * 1000)
            for producer in producers.values():
                producer.command("counters")

    def check_told(self, log, producer, appended):
        """Each event is in the log once, or it is one of those that are counted."""
        counters, found = producer.counters, self.numbers(log, producer.subject)
        self.assertEqual(appended, len(producer.kept) + len(producer.refused))
        self.assertEqual(counters["dropped"], len(producer.refused) + counters["displaced"])
        self.assertEqual(appended - counters["dropped"], len(found))
        self.assertEqual(sorted(set(found)), found)
        self.assertLessEqual(set(found), set(producer.kept))

    def check_hooks(self, log, name, count, added):
        """Those of this absence, and the life of the wrapped command, are in the log once."""
        records = LogClient(log.grpc).read_from(0)
        hooks = [json.loads(record.event.text)["number"] for record in records
                 if record.event.type == "hook.post_tool_use"]
        self.assertEqual(list(range(count)), hooks[-count:])
        begun = max(place for place, record in enumerate(records) if record.event.type == "session.created")
        removed = [record.event for record in records[begun:] if record.event.type == "session.removed"]
        self.assertEqual([7], [json.loads(event.text)["exit_code"] for event in removed], name)
        # client.connected, session.created, session.removed and client.disconnected of it.
        self.assertEqual(count + 4, added)


if __name__ == "__main__":
    unittest.main()
