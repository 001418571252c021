#!/usr/bin/python3
"""How sessions of sessiond end: by themselves, killed, crashed, with sessiond; each in the right events, once."""

import json
import os
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from processes import is_alive  # noqa: E402
from sessiond import SESSIOND, SessiondTest  # noqa: E402
from spools import spool_senders, wait_for_spool_senders  # noqa: E402
from waiting import wait_until  # noqa: E402


class SessiondEndTest(SessiondTest):
    def test_each_end_has_its_events(self):
        self.sessiond("--kill_after_s=1")
        cases = {
            ("bash", "-c", "exit 7"): ["session.removed EXITED 7"],
            ("bash", "-c", "kill -SEGV $$"): ["session.removed CRASHED SIGSEGV"],
        }
        for command, wanted in cases.items():
            started = self.start_session(*command)
            self.wait_events(started["session_id"], ["session.created", *wanted])
        killed = self.start_session("cat", flags=["--name=killed"])
        self.session("kill", "killed")
        self.wait_events(killed["session_id"], ["session.created", "session.removed KILLED SIGHUP"])
        # It is gone, with its name.
        self.assertIn("no session", self.session("kill", "killed", code=1))
        stubborn = self.start_session("bash", "-c", "trap '' HUP TERM; : > deaf; while :; do read; done",
                                      flags=["--name=deaf"])
        self.wait_file("deaf")
        self.session("kill", "deaf", "--signal=TERM")
        self.assert_ended(stubborn["pid"])
        self.wait_events(stubborn["session_id"], ["session.created", "session.removed KILLED SIGKILL"])
        stopped = self.start_session("cat", flags=["--name=stopped"])
        os.kill(stopped["pid"], signal.SIGSTOP)
        wait_until(lambda: self.sessions()[stopped["session_id"]]["status"] == "stopped", "it is seen to be stopped")
        self.session("kill", "stopped")
        self.assertEqual(["session.created", "session.state_changed", "session.removed"],
                         [e.type for e in self.wait_removed(stopped["session_id"])
                          if e.data.get("new_state") != "SESSION_STATE_RUNNING"])

    def wait_file(self, name):
        """Of a command, as its word that it is so far."""
        wait_until(lambda: os.path.exists(os.path.join(self.folder, name)), f"there is {name}")

    def wait_removed(self, session_id):
        wait_until(lambda: any(e.type == "session.removed" for e in self.events(session_id)), "it is removed")
        self.wait_all_sent()
        return self.events(session_id)

    def test_what_is_not_there_is_an_error_and_appends_nothing(self):
        self.assertIn("no sessiond listens", self.session("kill", "x", code=1))
        self.assertEqual("", self.session("list"))
        self.sessiond()
        one = self.start_session("cat", flags=["--name=one"])["session_id"]
        two = self.start_session("cat", flags=["--name=two"])["session_id"]
        self.wait_events(one, ["session.created"])
        self.wait_events(two, ["session.created"])
        before = self.events()
        self.assertIn('no session "three"', self.session("kill", "three", code=1))
        common = os.path.commonprefix([one, two])
        self.assertIn(f"{one}, {two}", self.session("kill", common, code=1))
        self.assertIn("no signal", self.session("kill", "one", "--signal=NOPE", code=2))
        self.assertIn("0 sessions are named", self.session("kill", code=2))
        self.assertIn('has the name "one"', self.session("start", "--name=one", "--", "cat", code=1))
        self.assertIn("no name for a session", self.session("start", "--name=a b", "--", "cat", code=1))
        self.assertIn("no-such-program", self.session("start", "--", "no-such-program", code=1))
        self.assertIn("no command", self.session("start", code=2))
        self.assertIn("terminal", self.session("attach", "one", code=2))
        self.session("start", "--name=three", "--", "true")
        wait_until(lambda: "exited 0" in self.session("list"), "a sign that all before is done")
        self.wait_all_sent()
        after = [event for event in self.events() if event.subject in (one, two)]
        self.assertEqual(before, after)
        self.assertEqual(len(before) + 2, len(self.events()))

    def test_fifty_sessions_at_once(self):
        daemon = self.sessiond()
        started = [self.start_session("bash", "-c", f"read; exit {n}", flags=[f"--name=s{n}"]) for n in range(50)]
        listed = self.sessions()
        self.assertEqual([s["session_id"] for s in started], list(listed))
        self.assertEqual({"running"}, {s["status"] for s in listed.values()})
        self.session("kill", "s7")
        self.assertEqual("killed by SIGHUP", self.sessions()[started[7]["session_id"]]["status"])
        self.assertEqual(0, daemon.stop())
        for session in started:
            self.assert_ended(session["pid"])
            self.wait_events(session["session_id"], ["session.created", "session.removed KILLED SIGHUP"])

    def test_sigterm_ends_all_in_time(self):
        daemon = self.sessiond("--kill_after_s=1")
        plain = self.start_session("cat")
        deaf = self.start_session("bash", "-c", "trap '' HUP TERM; echo deaf; while :; do read; done")
        terminal = self.attach(deaf["session_id"])
        terminal.wait_for("deaf")
        self.assertEqual(0, daemon.stop())
        self.assertEqual(128 + signal.SIGKILL, terminal.wait())
        self.assertEqual(terminal.settings_before, terminal.settings())
        self.wait_events(plain["session_id"], ["session.created", "session.removed KILLED SIGHUP"])
        self.wait_events(deaf["session_id"], ["session.created", "client.connected", "session.removed KILLED SIGKILL",
                                              "client.disconnected SESSION_REMOVED"])
        self.assertEqual([], [name for name in os.listdir(self.env["EVENTLOG_SESSION_DIR"]) if name.endswith(".json")])

    def test_what_a_killed_sessiond_leaves_is_repaired_once(self):
        daemon = self.sessiond()
        plain = [self.start_session("cat") for _ in range(4)]
        deaf = self.start_session("bash", "-c", "trap '' HUP; : > deaf; while :; do read -t 1; done")
        self.wait_file("deaf")
        gone = self.start_session("true")
        terminal = self.attach(plain[0]["session_id"])
        terminal.type("here\r")
        terminal.wait_for("here", 2)
        self.wait_events(plain[0]["session_id"], ["session.created", "client.connected", "ownership.transferred"])
        self.wait_events(gone["session_id"], ["session.created", "session.removed EXITED 0"])
        self.wait_events(deaf["session_id"], ["session.created"])
        daemon.kill()
        self.assertEqual(3, terminal.wait())
        self.assertEqual(terminal.settings_before, terminal.settings())
        self.assertTrue(is_alive(deaf["pid"]), "it must be ended by the repair")

        # Two at the same time, for the same registry: each has its own socket.
        others = {"XDG_RUNTIME_DIR": os.path.join(self.short, "other")}
        os.mkdir(others["XDG_RUNTIME_DIR"])
        started = [self.start(name, [SESSIOND], env={**self.env, **more}) for name, more in
                   (("one", {}), ("two", others))]
        for child in started:
            child.ready()
        lost = "client.disconnected LOST"
        self.wait_events(plain[0]["session_id"], ["session.created", "client.connected", "ownership.transferred", lost,
                                                  "session.removed ORPHANED"])
        for session in [*plain[1:], deaf]:
            self.assert_ended(session["pid"])
            self.wait_events(session["session_id"], ["session.created", "session.removed ORPHANED"])
        self.wait_events(gone["session_id"], ["session.created", "session.removed EXITED 0"])
        everything = self.events()
        for child in started:
            self.assertEqual(0, child.stop())
        self.sessiond(name="third").stop()
        self.wait_all_sent()
        self.assertEqual(everything, self.events())

    def test_sessiond_that_is_killed_again_and_again_never_says_an_end_twice_or_not_at_all(self):
        rounds = 10
        all_started = []
        for number in range(rounds):
            daemon = self.sessiond(name=f"sessiond{number}")
            started = [self.start_session("cat") for _ in range(3)]
            all_started += [session["session_id"] for session in started]
            terminal = self.attach(started[0]["session_id"])
            # While one is being killed and a client is coming, wherever that is then.
            killer = subprocess.Popen([os.path.join(os.path.dirname(SESSIOND), "session"), "kill",
                                       started[1]["session_id"]], env=self.env, stderr=subprocess.DEVNULL)
            if number % 2 == 0:
                killer.wait(60)
            daemon.kill()
            killer.wait(60)
            terminal.wait()
        self.sessiond(name="last")
        for session_id in all_started:
            wait_until(lambda: any(e.type == "session.removed" for e in self.events(session_id)),
                       lambda: f"{session_id} is removed: {self.events(session_id)}")
        wait_for_spool_senders(self.spool)
        for session_id in all_started:
            events = self.events(session_id)
            self.assertEqual(len(events), len({event.id for event in events}), events)
            types = [event.type for event in events]
            self.assertEqual(1, types.count("session.created"), events)
            self.assertEqual(1, types.count("session.removed"), events)
            self.assertEqual(types.count("client.connected"), types.count("client.disconnected"), events)

    def test_the_log_is_away_and_nothing_waits_for_it(self):
        self.log.kill()
        daemon = self.sessiond()
        sessions = [self.start_session("cat", flags=[f"--name=s{n}"]) for n in range(3)]
        terminal = self.attach("s0")
        terminal.type("typed\r")
        terminal.wait_for("typed", 2)
        self.session("kill", "s0")
        self.assertEqual(128 + signal.SIGHUP, terminal.wait())
        self.session("kill", "s1")
        self.assertEqual(0, daemon.stop())
        self.assertEqual(1, len(spool_senders(self.spool)), "one still tries")
        self.log.start()
        self.wait_events(sessions[0]["session_id"], [
            "session.created", "client.connected", "ownership.transferred", "session.removed KILLED SIGHUP",
            "client.disconnected SESSION_REMOVED"])
        for session in sessions[1:]:
            self.wait_events(session["session_id"], ["session.created", "session.removed KILLED SIGHUP"])
        # In the order in which it happened, over all sessions.
        created = [event.subject for event in self.events() if event.type == "session.created"]
        self.assertEqual([session["session_id"] for session in sessions], created)

    def test_the_list_is_for_people_on_a_terminal(self):
        self.sessiond()
        session = self.start_session("cat", flags=["--name=shown"])
        script = subprocess.run(["script", "-qec", f"{os.path.dirname(SESSIOND)}/session list", "/dev/null"],
                                env=self.env, capture_output=True, text=True, timeout=60)
        self.assertRegex(script.stdout, rf"ID +NAME +STATUS .*\s{session['session_id']} +shown +running .* cat\s")
        self.assertEqual([session], [{**json.loads(self.session("list")), "age_s": session["age_s"]}])


if __name__ == "__main__":
    unittest.main()
