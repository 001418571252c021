#!/usr/bin/python3
"""`session run` where the streams are no terminals: pipes, files, nothing; each compared with the same without it."""

import os
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from processes import ProcessTest, children_of, fixed_address, is_alive, program  # noqa: E402
from spools import end_spool_senders  # noqa: E402
from terminal import Terminal  # noqa: E402
from waiting import wait_until  # noqa: E402

SESSION = program("producers/session/session")


class SessionPipeTest(ProcessTest):
    def setUp(self):
        super().setUp()
        self.addCleanup(end_spool_senders, os.path.join(self.folder, "spool"))
        # Nobody answers there: the command must not notice.
        self.env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": self.folder, "LANG": "C.UTF-8",
                    "EVENTLOG_SERVER": fixed_address(), "EVENTLOG_SPOOL_DIR": os.path.join(self.folder, "spool"),
                    "EVENTLOG_SPOOL_LINGER_MS": "100"}

    def both(self, script, **options):
        """Runs a script in which "w" stands for nothing, and then for `session run --`."""
        outcomes = []
        for words in ("", SESSION + " run --"):
            done = subprocess.run(["sh", "-c", script], env={**self.env, "w": words}, capture_output=True, timeout=60,
                                  check=False, cwd=self.folder, **options)
            outcomes.append((done.stdout, done.stderr, done.returncode))
        self.assertEqual(*outcomes)
        return outcomes[1]

    def test_pipes_stay_pipes(self):
        self.assertEqual((b"hi\n", b"", 0), self.both("echo hi | $w cat"))
        self.assertIn(b"session_pipe_test", self.both("$w ls -C / | cat; echo session_pipe_test")[0])
        self.assertEqual(b"no terminal\n", self.both("$w sh -c 'test -t 0 || test -t 1 || echo no terminal'",
                                                     stdin=subprocess.DEVNULL)[0])

    def test_every_byte_passes_and_the_end_of_the_input_is_seen(self):
        data = bytes(range(256)) * 40_000
        self.assertEqual((data, b"", 0), self.both("$w cat", input=data))

    def test_what_is_said_on_standard_error_stays_there(self):
        self.assertEqual((b"out\n", b"error\n", 7), self.both("$w sh -c 'echo out; echo error >&2; exit 7'"))

    def test_who_writes_into_a_closed_pipe_ends_as_without_it(self):
        self.assertEqual(b"y\n", self.both("$w yes | head -n 1")[0])
        self.assertEqual(b"y\n141\n", self.both("bash -c '$w yes | head -n 1; echo ${PIPESTATUS[0]}'")[0])

    def test_exit_codes(self):
        self.assertEqual(3, self.both("$w sh -c 'exit 3'")[2])
        self.assertEqual(128 + signal.SIGTERM, self.both("$w sh -c 'kill -TERM $$'; exit $?")[2])
        for command, code in (("no-such-command", 127), ("/etc/passwd", 126)):
            done = subprocess.run([SESSION, "run", "--", command], env=self.env, capture_output=True, check=False)
            self.assertEqual(code, done.returncode)
            self.assertIn(f'session: cannot run "{command}": '.encode(), done.stderr)

    def test_a_wrong_command_line_runs_nothing(self):
        for words, said in ((["run"], b"session run: "),
                            (["run", "--nmae=x", "--", "touch", "there"], b"session run: "),
                            (["rnu"], b'session: "rnu" is not a command\n'), ([], b"session: no command is given\n")):
            done = subprocess.run([SESSION, *words], env=self.env, capture_output=True, check=False, cwd=self.folder)
            self.assertEqual(2, done.returncode, words)
            self.assertIn(said, done.stderr)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "there")))

    def test_what_is_ignored_or_blocked_before_is_so_for_the_command(self):
        script = "trap '' HUP; $w grep -E 'SigIgn|SigBlk' /proc/self/status"
        self.assertRegex(self.both(script)[0].decode(), r"SigIgn:\t[0-9a-f]*1\n")

    def test_other_descriptors_are_handed_on_and_none_of_ours_is(self):
        self.both("exec 7</dev/null; $w ls /proc/self/fd")

    def test_the_environment_is_as_before_but_for_what_joins_hooks(self):
        done = subprocess.run([SESSION, "run", "--", "env"], env=self.env, capture_output=True, check=True)
        seen = dict(line.split("=", 1) for line in done.stdout.decode().splitlines())
        self.assertRegex(seen.pop("EVENTLOG_SESSION_ID"), r"^[0-9a-z]{18}$")
        self.assertEqual(self.env, seen)

    def test_a_spool_that_cannot_be_written_is_not_noticed(self):
        self.env["EVENTLOG_SPOOL_DIR"] = "/proc/nowhere"
        self.assertEqual((b"hello\n", b"", 6), self.both("$w sh -c 'echo hello; exit 6'"))

    def test_signals_to_the_session_reach_the_command(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            child = self.start(f"session{int(number)}", [SESSION, "run", "--", "sh", "-c", "echo ready; exec cat"],
                               stdin=subprocess.PIPE, env=self.env)
            wait_until(lambda child=child: child.out() == b"ready\n", "it runs")
            command = children_of(child.pid)[0]
            child.signal(number)
            self.assertEqual(-number, child.wait())
            self.assertFalse(is_alive(command))

    def test_ctrl_c_reaches_the_command_once_though_it_is_in_our_group(self):
        # Standard input is a pipe, so there is no PTY; the terminal says SIGINT to the group.
        script = f"echo | {SESSION} run -- sh -c 'trap \"echo hit\" INT; echo ready; until test -e go; do :; done'"
        terminal = Terminal(self, ["sh", "-c", "trap '' INT; trap - INT; " + script], env=self.env, cwd=self.folder)
        terminal.wait_for("ready")
        terminal.type("\x03")
        terminal.wait_for("hit")
        with open(os.path.join(self.folder, "go"), "w", encoding="ascii"):
            pass
        terminal.wait()
        self.assertEqual(1, terminal.screen().count("hit"))


if __name__ == "__main__":
    unittest.main()
