#!/usr/bin/python3
"""`session run` where the streams are no terminals: pipes, files, nothing; each compared with the same without it."""

import os
import pty
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
    RUN = (SESSION, "run")

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
        for words in ("", " ".join(self.RUN) + " --"):
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
            done = subprocess.run([*self.RUN, "--", command], env=self.env, capture_output=True, check=False)
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
        done = subprocess.run([*self.RUN, "--", "env"], env=self.env, capture_output=True, check=True)
        seen = dict(line.split("=", 1) for line in done.stdout.decode().splitlines())
        self.assertRegex(seen.pop("EVENTLOG_SESSION_ID"), r"^[0-9a-z]{18}$")
        self.assertEqual(self.env, seen)

    def test_a_spool_that_cannot_be_written_is_not_noticed(self):
        self.env["EVENTLOG_SPOOL_DIR"] = "/proc/nowhere"
        self.assertEqual((b"hello\n", b"", 6), self.both("$w sh -c 'echo hello; exit 6'"))

    def test_signals_to_the_session_reach_the_command(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            child = self.start(f"session{int(number)}", [*self.RUN, "--", "sh", "-c", "echo ready; exec cat"],
                               stdin=subprocess.PIPE, env=self.env)
            wait_until(lambda child=child: child.out() == b"ready\n", "it runs")
            command = children_of(child.pid)[0]
            child.signal(number)
            self.assertEqual(-number, child.wait())
            self.assertFalse(is_alive(command))

    def test_ctrl_c_reaches_the_command_once_though_it_is_in_our_group(self):
        # Standard input is a pipe, so there is no PTY; the terminal says SIGINT to the group.
        run = " ".join(self.RUN)
        script = f"echo | {run} -- sh -c 'trap \"echo hit\" INT; echo ready; until test -e go; do :; done'"
        terminal = Terminal(self, ["sh", "-c", "trap '' INT; trap - INT; " + script], env=self.env, cwd=self.folder)
        terminal.wait_for("ready")
        terminal.type("\x03")
        terminal.wait_for("hit")
        with open(os.path.join(self.folder, "go"), "w", encoding="ascii"):
            pass
        terminal.wait()
        self.assertEqual(1, terminal.screen().count("hit"))

    def test_a_terminal_that_goes_takes_the_command_with_it(self):
        # As of `ssh -t HOST session run -- COMMAND > FILE`, where the kernel tells the leader of the session alone.
        path = os.path.join(self.folder, "file")
        script = f"exec {' '.join(self.RUN)} -- sh -c 'echo $$; exec tail -f /dev/null' > {path}"
        leader, master = pty.fork()
        if leader == 0:
            os.execve("/bin/sh", ["sh", "-c", script], self.env)
        wait_until(lambda: os.path.exists(path) and os.path.getsize(path) > 0, "it runs")
        with open(path, encoding="ascii") as file:
            command = int(file.read())
        os.close(master)
        try:
            wait_until(lambda: not is_alive(leader), "it ends")
        finally:
            if is_alive(command):
                os.kill(command, signal.SIGKILL)
        self.assertEqual(-signal.SIGHUP, os.waitstatus_to_exitcode(os.waitpid(leader, 0)[1]))


class SessionPipeOutputTest(SessionPipeTest):
    """All of that while what the command prints is told, too; and what only then could be otherwise."""

    RUN = (SESSION, "run", "--output")

    def file_of(self, script, name="file"):
        """What a script leaves in a file, without `session run` and with it; the same."""
        left = []
        path = os.path.join(self.folder, name)
        for words in ("", " ".join(self.RUN) + " --"):
            subprocess.run(["sh", "-c", script], env={**self.env, "w": words}, timeout=60, check=True, cwd=self.folder,
                           stdin=subprocess.DEVNULL)
            with open(path, "rb") as file:
                left.append(file.read())
            os.unlink(path)
        self.assertEqual(*left)
        return left[1]

    def test_two_streams_that_are_one_keep_their_order(self):
        lines = "".join(f"echo o{n}; echo e{n} >&2; " for n in range(50))
        wanted = "".join(f"o{n}\ne{n}\n" for n in range(50)).encode()
        self.assertEqual(wanted, self.file_of(f"$w sh -c '{lines}' > file 2>&1"))
        self.assertEqual(wanted, self.file_of(f"$w sh -c '{lines}' >> file 2>> file"))
        self.assertEqual(wanted, self.both(f"$w sh -c '{lines}' 2>&1 | cat")[0])
        # Those that write over each other go on to do so.
        self.assertEqual(b"lo\n\n", self.file_of("$w sh -c 'echo long; echo lo >&2' > file 2> file")[:3] + b"\n")

    def test_a_file_is_written_where_others_have_come_to(self):
        self.assertEqual(b"before\nhere\nafter\n", self.file_of("{ echo before; $w echo here; echo after; } > file"))
        self.assertEqual(b"before\nhere\n", self.file_of("echo before > file; $w echo here >> file"))

    def test_a_reader_that_goes_is_known_to_a_command_that_does_not_write(self):
        # It is told so by its pipe, and its next write ends it.
        command = "import os, select, signal; signal.signal(signal.SIGPIPE, signal.SIG_DFL); os.write(1, b'one\\n'); " \
                  "poll = select.poll(); poll.register(1, 0); poll.poll(); os.write(1, b'two'); os.write(2, b'alive')"
        with open(os.path.join(self.folder, "command.py"), "w", encoding="ascii") as file:
            file.write(command)
        script = "bash -c '$w /usr/bin/python3 command.py | { read line; echo $line; }; echo ${PIPESTATUS[0]}'"
        self.assertEqual((b"one\n141\n", b"", 0), self.both(script))

    def test_who_ignores_sigpipe_sees_the_error(self):
        said = self.both("trap '' PIPE; $w sh -c 'yes; echo code $? >&2' | head -n 1")
        self.assertEqual(b"y\n", said[0])
        self.assertIn(b"code 1\n", said[1])

    def test_a_slow_reader_gets_everything(self):
        # Far more than fits into pipes; the reader begins once there is something to wait for.
        data = self.both("rm -f half; $w sh -c 'seq 1 5000; touch half; seq 5001 300000' | "
                         "{ until test -e half; do :; done; cat; }")[0]
        self.assertEqual(b"".join(b"%d\n" % n for n in range(1, 300001)), data)

    def test_who_is_left_in_the_background_holds_nobody_up_and_is_not_broken(self):
        # The end comes while the one in the background prints; what it prints afterwards arrives.
        script = "$w sh -c '(until test -e go; do :; done; echo late; echo later; touch went) & echo soon; exit 5' " \
                 "> file; code=$?; touch go; until test -e went; do :; done; echo $code >> codes"
        script += "; until grep -q later file; do :; done; rm go went"
        self.assertEqual(b"soon\nlate\nlater\n", self.file_of(script))
        with open(os.path.join(self.folder, "codes"), encoding="ascii") as file:
            self.assertEqual("5\n5\n", file.read())

    def test_who_prints_for_ever_in_the_background_holds_nobody_up_and_ends_with_its_reader(self):
        with open(os.path.join(self.folder, "script"), "w", encoding="ascii") as file:
            file.write("yes & echo $! > pid; exit 4")
        script = "bash -c '$w sh script | head -c 300000 | tail -c 2; echo ${PIPESTATUS[0]}'; " \
                 "while kill -0 $(cat pid) 2> gone; do :; done"
        self.assertEqual((b"y\n4\n", b"", 0), self.both(script))

    def test_the_reader_sees_the_end_when_all_writers_have_ended(self):
        script = "rm -f go; { $w sh -c '(until test -e go; do :; done; echo b) & echo a'; touch go; } | cat"
        self.assertEqual(b"a\nb\n", self.both(script)[0])

    def test_the_reader_of_one_stream_does_not_wait_for_writers_of_the_other(self):
        script = "rm -f go; $w sh -c '(exec > /dev/null; until test -e go || ! test -e errors; do :; done) & echo a' " \
                 "2> errors | { cat; touch go; }"
        self.assertEqual((b"a\n", b"", 0), self.both(script))

    def test_what_cannot_be_written_is_said_and_fails(self):
        done = subprocess.run(["sh", "-c", " ".join(self.RUN) + " -- echo hello > /dev/full"], env=self.env,
                              capture_output=True, check=False, timeout=60)
        self.assertEqual((1, b"", b"session: write error: No space left on device"),
                         (done.returncode, done.stdout, done.stderr.strip().partition(b" [")[0]))
        done = subprocess.run(["sh", "-c", "ulimit -f 1; " + " ".join(self.RUN) + " -- yes > file"], env=self.env,
                              capture_output=True, check=False, timeout=60, cwd=self.folder)
        self.assertEqual(128 + signal.SIGPIPE, done.returncode if done.returncode > 0 else 128 - done.returncode)
        self.assertIn(b"File too large", done.stderr)

    def test_who_waits_for_a_reader_can_be_ended(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        child = subprocess.Popen([*self.RUN, "--", "sh", "-c", "head -c 100000 /dev/zero; touch printed; exit 0"],
                                 stdout=writer, env=self.env, cwd=self.folder)
        os.close(writer)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        wait_until(lambda: os.path.exists(os.path.join(self.folder, "printed")), "the command has printed all")
        wait_until(lambda: not children_of(child.pid), "the command has ended")
        child.send_signal(signal.SIGTERM)
        self.assertEqual(-signal.SIGTERM, child.wait(60))

    def test_a_command_that_is_asked_to_end_waits_for_no_reader_and_what_it_printed_arrives(self):
        reader, writer = os.pipe()
        with open(reader, "rb") as file:
            child = subprocess.Popen([*self.RUN, "--", "sh", "-c", "seq 1 20000; touch printed; exec cat"],
                                     stdin=subprocess.PIPE, stdout=writer, env=self.env, cwd=self.folder)
            self.addCleanup(child.stdin.close)
            os.close(writer)
            self.addCleanup(child.wait)
            self.addCleanup(child.kill)
            wait_until(lambda: os.path.exists(os.path.join(self.folder, "printed")), "more than fits into a pipe")
            child.send_signal(signal.SIGTERM)
            self.assertEqual(-signal.SIGTERM, child.wait(60))
            self.assertEqual(b"".join(b"%d\n" % n for n in range(1, 20_001)), file.read())

    def test_a_terminal_stays_a_terminal(self):
        script = f"echo | {' '.join(self.RUN)} -- sh -c 'test -t 1 && test -t 2 && stty size <&1; echo out | cat'"
        terminal = Terminal(self, ["sh", "-c", script], env=self.env, cwd=self.folder, rows=33, columns=77)
        terminal.wait_for("33 77")
        terminal.wait_for("out")
        self.assertEqual(0, terminal.wait())

    def test_sockets_are_written_to_as_before(self):
        import socket  # pylint: disable=import-outside-toplevel
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                child = subprocess.Popen([*self.RUN, "--", "head", "-c", "3000000", "/dev/zero"], stdout=theirs,
                                         env=self.env)
            got = 0
            while chunk := ours.recv(1 << 20):
                got += len(chunk)
            self.assertEqual((3_000_000, 0), (got, child.wait(60)))
        ours, theirs = socket.socketpair()
        with ours, theirs:
            child = subprocess.Popen([*self.RUN, "--", "yes"], stdout=theirs, env=self.env)
            self.assertTrue(ours.recv(10))
            ours.close()
            self.assertEqual(-signal.SIGPIPE, child.wait(60))


if __name__ == "__main__":
    unittest.main()
