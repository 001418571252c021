#!/usr/bin/python3
"""SIGKILL of `session run` and of sessiond before and after each change of the registry of sessions, so also exactly
between an event that is in the spool and the note that it is: the next start says what is missing, and nothing twice."""

import collections
import os
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from processes import is_alive, program  # noqa: E402
from sessiond import DETACH, SESSION, SessiondTest  # noqa: E402
from waiting import wait_until  # noqa: E402

KILLING_CALLS = program("tests/crash/killing_calls.so")
LIFE = ["client.connected", "session.created", "session.removed", "client.disconnected"]
START_FAILED = ["client.connected", "session.removed", "client.disconnected"]
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
        """The events of the log by session; each is there once, and a client's do not begin with its end."""
        self.wait_all_sent()
        sessions = collections.defaultdict(list)
        for event in self.events():
            sessions[event.subject].append(event)
        return sessions

    def kill_session_runs(self, command, when, whole, code):
        """Kills `session run` at each of its calls. Returns how often."""
        kills = 0
        for call in ("rename", "unlink"):
            for number in range(1, KILLS_MAX):
                before = set(self.by_session())
                result = self.run_session(*command, env=self.killed_at(call, number, when))
                self.repair()
                # That of the repair, which may have had to start several times, is a whole one as well.
                for session_id, events in self.by_session().items():
                    if session_id not in before:
                        types = [event.type for event in events]
                        self.assertIn(types, (LIFE, whole, [*LIFE[:2], *reversed(LIFE[2:])]), f"{call} {number}")
                if result == code:
                    break
                self.assertEqual(-signal.SIGKILL, result, f"{call} {number} {when}")
                kills += 1
            else:
                self.fail(f"{KILLS_MAX} calls of {call}")
        return kills

    def test_session_run_is_killed_at_each_change_of_the_registry(self):
        self.run_session("true", env=self.env)  # makes the spool
        for when in ("before", "after"):
            kills = self.kill_session_runs(["sh", "-c", "exit 7"], when, LIFE, 7)
            # Its entry, what is kept of the begin, its end; and the entry goes.
            self.assertGreaterEqual(kills, 4)
        reasons = collections.Counter(event.data["reason"] for event in self.events()
                                      if event.type == "session.removed")
        self.assertGreater(reasons["REMOVAL_REASON_ORPHANED"], 0)

    def test_a_command_that_does_not_start_has_an_end_too(self):
        self.run_session("true", env=self.env)
        for when in ("before", "after"):
            self.assertGreaterEqual(self.kill_session_runs(["no-such-command"], when, START_FAILED, 127), 2)

    def live(self, daemon):
        """A life with every kind of end of a client, as far as sessiond goes along. Whether it went to the end."""
        ended = [client.wait for client in self.come_and_go(daemon)]
        for wait in ended:
            wait()
        return not ended or daemon.process.poll() is None

    def come_and_go(self, daemon):
        def call(*arguments):
            return subprocess.run([SESSION, *arguments], env=self.env, capture_output=True, timeout=120,
                                  check=False).returncode == 0

        clients = []
        if not call("start", "--name=it", "--", "cat"):
            return clients
        for end in ("kill", "detach", None):
            client = self.attach("it")
            clients.append(client)
            client.type(f"{end}\r")
            wait_until(lambda: client.text().count(str(end)) >= 2 or not is_alive(client.pid)
                       or daemon.process.poll() is not None, "it is attached, or all is over")
            if end == "kill":
                client.kill()
            elif end == "detach":
                client.type(DETACH)
                client.wait()
        call("kill", "it")
        return clients


if __name__ == "__main__":
    unittest.main()
