#!/usr/bin/python3
"""SIGKILL of `session run` and of sessiond before and after each change of the registry of sessions, so also exactly
between the spool's commit of an event and the note of it: the next start says what is missing, and nothing twice."""

import collections
import os
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from processes import program  # noqa: E402
from sessiond import DETACH, SESSION, SESSIOND, SessiondTest, brief  # noqa: E402
from waiting import wait_until  # noqa: E402

KILLING_CALLS = program("tests/crash/killing_calls.so")
LIFE = ["client.connected", "session.created", "session.removed", "client.disconnected"]
START_FAILED = ["client.connected", "session.removed", "client.disconnected"]
ORPHANED = ("client.disconnected LOST", "session.removed ORPHANED")
EXITED_0, EXITED_7 = ((f"session.removed EXITED {code}", "client.disconnected SESSION_REMOVED") for code in (0, 7))
KILLS_MAX = 40  # of one kind of call: a bound for a program that never gets to its end


class SessionKillTest(SessiondTest):
    def killed_at(self, call, number, when):
        return {**self.env, "LD_PRELOAD": KILLING_CALLS, "KILL_POINT": f"{call} {number} {when}"}

    def entries(self):
        folder = self.env["EVENTLOG_SESSION_DIR"]
        return [name for name in os.listdir(folder) if name.endswith(".json")] if os.path.isdir(folder) else []

    def run_session(self, *command, env):
        return subprocess.run([SESSION, "run", "--", *command], env=env, capture_output=True, timeout=120, check=False,
                              stdin=subprocess.DEVNULL).returncode

    def repair(self):
        """Starts others until nothing is left: a command that was about to run may take a moment to end."""
        def nothing_left():
            self.assertEqual(0, self.run_session("true", env=self.env))
            return not self.entries()

        wait_until(nothing_left, lambda: f"all is repaired: {self.entries()}")

    def by_session(self):
        """The events of the log by session; none is there twice."""
        self.wait_all_sent()
        sessions = collections.defaultdict(list)
        for event in self.events():
            sessions[event.subject].append(event)
        return sessions

    def kill_at_each(self, when, live):
        """Lives, killed at each call. Returns how often."""
        kills = 0
        for call in ("rename", "unlink"):
            for number in range(1, KILLS_MAX):
                killed = live(self.killed_at(call, number, when))
                self.repair()
                if not killed:
                    break
                kills += 1
            else:
                self.fail(f"{KILLS_MAX} calls of {call}")
        return kills

    def kill_runs(self, when, command, code):
        def live(env):
            result = self.run_session(*command, env=env)
            self.assertIn(result, (code, -signal.SIGKILL))
            return result != code

        return self.kill_at_each(when, live)

    def test_session_run_is_killed_at_each_change_of_the_registry(self):
        self.run_session("true", env=self.env)  # makes the spool
        for when in ("before", "after"):
            kills = self.kill_runs(when, ["sh", "-c", "exit 7"], 7)
            # Its entry, that the begin is kept, how it ended; and the entry goes.
            self.assertEqual(4, kills)
        ended = collections.Counter()
        for events in self.by_session().values():
            ends = [brief(event) for event in events if event.type.endswith(("removed", "disconnected"))]
            self.assertEqual(LIFE[:2], [event.type for event in events[:2]])
            self.assertEqual(4, len(events))
            ended[tuple(ends)] += 1
        self.assertEqual({ORPHANED, EXITED_0, EXITED_7}, set(ended))
        # Four that were not killed; of the eight that were, one had no entry, and three had their end in it.
        self.assertEqual(4 + 3, ended[EXITED_7], ended)
        self.assertEqual(4, ended[ORPHANED], ended)

    def test_a_command_that_does_not_start_has_an_end_too(self):
        self.run_session("true", env=self.env)
        for when in ("before", "after"):
            self.assertEqual(2, self.kill_runs(when, ["no-such-command"], 127))
        lives = [[event.type for event in events] for events in self.by_session().values()]
        # Four that were not killed, and four that were, of which one before its entry.
        self.assertEqual(4 + 3, lives.count(START_FAILED), lives)
        self.assertEqual(len(lives) - 7, lives.count(LIFE), lives)

    def come_and_go(self):
        """A life with every kind of end of a client, as far as sessiond goes along."""
        def call(*arguments):
            return subprocess.run([SESSION, *arguments], env=self.env, cwd=self.folder, capture_output=True,
                                  timeout=120, check=False).returncode == 0

        if not call("start", "--name=it", "--", "cat"):
            return
        for end in ("killed", "detached", "seen"):
            client = self.attach("it")
            client.type(f"{end}\r")
            wait_until(lambda: client.screen().count(end) >= 2 or client.process.poll() is not None,
                       lambda: f"it is attached, or over: {client.screen()}")
            if end == "killed":
                client.process.kill()
                client.process.wait()
            elif end == "detached":
                client.type(DETACH)
                client.process.wait(60)
        call("kill", "it")
        client.process.wait(60)

    def live_in_sessiond(self, env):
        """Whether sessiond was killed meanwhile."""
        self.lives += 1
        daemon = self.start(f"sessiond{self.lives}", [SESSIOND], env=env)
        wait_until(lambda: b"ready" in daemon.out() or daemon.process.poll() is not None, "sessiond is ready, or over")
        self.come_and_go()
        result = daemon.stop()
        self.assertIn(result, (0, -signal.SIGKILL), daemon.err())
        return result != 0

    def test_sessiond_is_killed_at_each_change_of_the_registry(self):
        self.run_session("true", env=self.env)
        self.lives = 0
        for when in ("before", "after"):
            # At the least its entry, that it is kept, each client's coming and going, how it ended; and the entry goes.
            self.assertGreaterEqual(self.kill_at_each(when, self.live_in_sessiond), 10)
        reasons = collections.Counter()
        for events in self.by_session().values():
            types = [event.type for event in events]
            self.assertEqual((1, 1), (types.count("session.created"), types.count("session.removed")), events)
            came, went = ([event.data["client_id"] for event in events if event.type == f"client.{word}"]
                          for word in ("connected", "disconnected"))
            self.assertEqual(sorted(came), sorted(went), events)
            for client_id in came:
                self.assertEqual(["client.connected", "client.disconnected"], [
                    event.type for event in events if event.data.get("client_id") == client_id])
            reasons.update(brief(event) for event in events if "reason" in event.data)
        for reason in ("client.disconnected LOST", "client.disconnected DETACHED",
                       "client.disconnected SESSION_REMOVED", "session.removed ORPHANED",
                       "session.removed KILLED SIGHUP"):
            self.assertGreater(reasons[reason], 0, reasons)
        print(f"{self.lives} lives: {dict(reasons)}")


if __name__ == "__main__":
    unittest.main()
