#!/usr/bin/python3
"""Programs that people use on a terminal, with `session run` and without it: the same screen, the same exit code, and
a terminal that is afterwards as it was before."""

import hashlib
import os
import re
import signal
import stat
import sys
import termios
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from processes import ProcessTest, children_of, fixed_address, is_alive, program  # noqa: E402
from spools import end_spool_senders  # noqa: E402
from terminal import Terminal  # noqa: E402
from waiting import wait_until  # noqa: E402

SESSION = program("producers/session/session")
# Keys come when it is there to read them: what is typed before that is echoed by the terminal as well.
CAT = ["sh", "-c", "echo ready; exec cat"]
BASH = ["bash", "--norc", "--noprofile", "-i"]


def wait_prompt(shell):
    """What is typed before a shell has its prompt is echoed twice."""
    wait_until(lambda: shell.lines()[-1:] == ["$"], lambda: f"the shell has a prompt:\n{shell.screen()}")


def wait_goes_on(shell, name):
    """Until the job that the shell has continued runs. By then its terminal is as it wants it."""
    def states(pid):
        for child in children_of(pid):
            try:
                with open(f"/proc/{child}/stat", encoding="utf-8") as file:
                    stat_text = file.read()
            except OSError:
                continue
            if f"({name})" in stat_text:
                yield stat_text.rpartition(")")[2].split()[0]
            yield from states(child)

    wait_until(lambda: set(states(shell.process.pid)) & set("RSD"), f"{name} goes on")


class SessionTerminalTest(ProcessTest):
    def setUp(self):
        super().setUp()
        self.addCleanup(end_spool_senders, os.path.join(self.folder, "spool"))
        # Nobody answers there: the command must not notice.
        self.env = {"PATH": f"{self.folder}:/usr/local/bin:/usr/bin:/bin", "HOME": self.folder, "LANG": "C.UTF-8",
                    "EVENTLOG_SERVER": fixed_address(), "EVENTLOG_SPOOL_DIR": os.path.join(self.folder, "spool"),
                    "EVENTLOG_SPOOL_LINGER_MS": "100", "PS1": "$ "}

    def wrapped(self, with_session):
        """A program `w` in the path of the test, which runs a command with or without a session, under one name."""
        path = os.path.join(self.folder, "w")
        with open(path, "w", encoding="ascii") as file:
            file.write(f"#!/bin/sh\nexec {SESSION + ' run -- ' if with_session else ''}\"$@\"\n")
        os.chmod(path, stat.S_IRWXU)
        return path

    def both(self, command, drive, look=Terminal.lines):
        """Drives the command without and with a session. What is seen, the code and the settings must be the same."""
        seen = []
        for with_session in (False, True):
            prefix = [SESSION, "run", "--"] if with_session else []
            terminal = Terminal(self, [*prefix, *command], env=self.env, cwd=self.folder)
            drive(terminal)
            code = terminal.wait()
            self.assertEqual(terminal.settings_before, terminal.settings(), f"session: {with_session}")
            seen.append((look(terminal), code))
        self.assertEqual(*seen)
        return seen[1]

    def both_in_a_shell(self, drive):
        """The same for what is typed into a shell, which runs `w COMMAND`."""
        seen = []
        for with_session in (False, True):
            self.wrapped(with_session)
            shell = Terminal(self, BASH, env=self.env, cwd=self.folder)
            wait_prompt(shell)
            drive(shell)
            shell.type("exit 0\r")
            shell.wait()
            seen.append(shell.lines())
        self.assertEqual(*seen)
        return seen[1]

    def test_vim_edits_and_writes_a_file(self):
        contents = []

        def drive(terminal):
            terminal.wait_for("~")
            terminal.type("ihello world\r")
            terminal.wait_for("hello world")
            terminal.type("zweite Zeile: grün\x1b")
            terminal.wait_for("grün")
            terminal.type(":wq\r")
            terminal.wait()
            path = os.path.join(self.folder, "file.txt")
            with open(path, encoding="utf-8") as file:
                contents.append(file.read())
            os.remove(path)

        self.assertEqual(0, self.both(["vim", "-u", "NONE", "-N", "file.txt"], drive)[1])
        self.assertEqual(["hello world\nzweite Zeile: grün\n"] * 2, contents)

    def test_vim_follows_the_size(self):
        def drive(terminal):
            terminal.wait_for("~")
            terminal.resize(40, 100)
            wait_until(lambda: len(terminal.lines()) > 30, lambda: f"it has drawn all lines:\n{terminal.screen()}")
            terminal.type(":set columns? lines?\r")
            terminal.wait_for("columns=100")
            terminal.wait_for("lines=40")
            terminal.type("\r:cq\r")

        self.assertEqual(1, self.both(["vim", "-u", "NONE", "-N"], drive)[1])

    def test_top_redraws_follows_the_size_and_quits_as_without_it(self):
        def drive(terminal):
            terminal.wait_for("%MEM")
            drawn = len(terminal.raw)
            wait_until(lambda: len(terminal.raw) > drawn + 2000, "it draws again")
            terminal.resize(10, 60)
            # What it drew for the old size is wrapped, and its titles stand further down.
            wait_until(lambda: re.search(r"\Atop - (?:.*\n){6} *PID .*%CPU$", terminal.screen(), re.MULTILINE),
                       lambda: f"it draws what there is room for:\n{terminal.screen()}")
            terminal.type("q")

        def titles(terminal):
            """The numbers and the processes are others each time."""
            return re.findall(r"[A-Za-z%+]+", re.search(r"Tasks(?s:.*)PID.*", terminal.screen()).group())

        words, code = self.both(["top", "-d", "0.2"], drive, look=titles)
        self.assertEqual((0, ["SHR", "S", "%CPU"]), (code, words[-3:]))

    def test_bash_knows_its_size_and_exits_with_its_code(self):
        def drive(terminal):
            wait_prompt(terminal)
            terminal.type("stty size; tput cols\r")
            terminal.wait_for("24 80\n80")
            wait_prompt(terminal)
            terminal.resize(30, 100)
            terminal.type("stty size; tput cols; tput lines\r")
            terminal.wait_for("30 100\n100\n30")
            wait_prompt(terminal)
            terminal.type("exit 7\r")

        self.assertEqual(7, self.both(BASH, drive)[1])

    def test_ctrl_c_in_an_inner_shell_ends_its_job_alone(self):
        def drive(terminal):
            wait_prompt(terminal)
            terminal.type("sh -c 'echo rea''dy; exec cat'\r")
            terminal.wait_for("ready")
            terminal.type("line\r")
            terminal.wait_for("line", 2)
            terminal.type("\x03")
            terminal.wait_for("^C")
            wait_prompt(terminal)
            terminal.type("echo code $?\r")
            terminal.wait_for("code 130")
            wait_prompt(terminal)
            terminal.type("\x04")

        self.assertEqual(0, self.both(BASH, drive)[1])

    def test_ctrl_c_and_ctrl_backslash_end_a_command_as_without_it(self):
        for key, number in (("\x03", signal.SIGINT), ("\x1c", signal.SIGQUIT)):
            def drive(terminal, key=key):
                terminal.wait_for("ready")
                terminal.type("line\r")
                terminal.wait_for("line", 2)
                terminal.type(key)

            self.assertEqual(-number, self.both(CAT, drive)[1])

    def test_the_end_of_the_input_is_the_commands(self):
        def drive(terminal):
            terminal.wait_for("ready")
            terminal.type("one\r")
            terminal.wait_for("one", 2)
            terminal.type("\x04")

        self.assertEqual((["ready", "one", "one"], 0), self.both(CAT, drive))

    def test_ctrl_z_gives_the_shell_its_prompt_and_fg_goes_on(self):
        def drive(shell):
            shell.type("w sh -c 'echo rea''dy; exec cat'\r")
            shell.wait_for("ready")
            shell.type("before\r")
            shell.wait_for("before", 2)
            shell.type("\x1a")
            shell.wait_for("Stopped")
            wait_prompt(shell)
            shell.type("echo code $?\r")
            shell.wait_for("code 148")
            wait_prompt(shell)
            shell.type("jobs\r")
            shell.wait_for("Stopped", 2)
            wait_prompt(shell)
            shell.type("fg\r")
            wait_goes_on(shell, "cat")
            shell.type("after\r")
            shell.wait_for("after", 2)
            shell.type("\x04")
            wait_prompt(shell)
            shell.type("echo code $?\r")
            shell.wait_for("code 0")
            wait_prompt(shell)

        self.both_in_a_shell(drive)

    def test_vim_is_stopped_and_goes_on(self):
        def drive(shell):
            shell.type("w vim -u NONE -N\r")
            shell.wait_for("~")
            shell.type("itext\x1b")
            shell.wait_for("text")
            shell.type("\x1a")
            shell.wait_for("Stopped")
            wait_prompt(shell)
            shell.type("fg\r")
            wait_until(lambda: shell.raw.count(b"\x1b[?1049h") == 2, "it has drawn all again")
            shell.type(":q!\r")
            wait_prompt(shell)
            shell.type("clear; echo code $?\r")
            shell.wait_for("code 0")
            wait_prompt(shell)

        self.both_in_a_shell(drive)

    def test_ctrl_z_in_an_inner_shell_is_its_own_job_control(self):
        def drive(terminal):
            wait_prompt(terminal)
            terminal.type("sh -c 'echo rea''dy; exec cat'\r")
            terminal.wait_for("ready")
            terminal.type("line\r")
            terminal.wait_for("line", 2)
            terminal.type("\x1a")
            terminal.wait_for("Stopped")
            wait_prompt(terminal)
            terminal.type("fg\r")
            wait_goes_on(terminal, "cat")
            terminal.type("more\r")
            terminal.wait_for("more", 2)
            terminal.type("\x04")
            wait_prompt(terminal)
            terminal.type("echo code $?\r")
            terminal.wait_for("code 0")
            wait_prompt(terminal)
            terminal.type("exit 7\r")

        self.assertEqual(7, self.both(BASH, drive)[1])

    def test_a_job_in_the_background_goes_on_and_comes_back(self):
        # Nothing that outlives the test for long.
        script = ": >up; until test -e go || ! test -e w; do :; done; echo it-goes; read line; echo got $line"

        def drive(shell):
            shell.type(f"w sh -c '{script}'\r")
            wait_until(lambda: os.path.exists(os.path.join(self.folder, "up")), "it runs")
            shell.type("\x1a")
            shell.wait_for("Stopped")
            wait_prompt(shell)
            shell.type("bg\r")
            shell.wait_for("&")
            wait_prompt(shell)
            with open(os.path.join(self.folder, "go"), "w", encoding="ascii"):
                pass
            wait_until(lambda: "$ it-goes" in shell.lines(), "it goes on")
            shell.type("fg\r")
            # The shell's own line editor lets the output be as it is.
            wait_until(lambda: not shell.settings()[1] & termios.OPOST, "the session has the terminal")
            shell.type("this\r")
            shell.wait_for("got this")

        self.wrapped(True)
        shell = Terminal(self, BASH, env=self.env, cwd=self.folder)
        wait_prompt(shell)
        drive(shell)

    def test_ten_megabytes_arrive_byte_for_byte(self):
        data = hashlib.shake_128(b"x").digest(10_000_000)
        path = os.path.join(self.folder, "data")
        with open(path, "wb") as file:
            file.write(data)
        terminal = Terminal(self, [SESSION, "run", "--output", "--", "sh", "-c", f"stty raw -echo; cat {path}"],
                            env=self.env, drawing=False)
        self.assertEqual(0, terminal.wait())
        self.assertEqual(len(data), len(terminal.raw))
        self.assertEqual(hashlib.sha256(data).digest(), hashlib.sha256(terminal.raw).digest())
        self.assertEqual(terminal.settings_before, terminal.settings())

    def test_binary_input_of_a_megabyte_arrives_byte_for_byte(self):
        data = hashlib.shake_128(b"y").digest(1_000_000)
        script = f"stty raw -echo; echo ready; head -c {len(data)} | sha256sum"
        terminal = Terminal(self, [SESSION, "run", "--", "sh", "-c", script], env=self.env)
        terminal.wait_for("ready")
        terminal.type(data)
        terminal.wait_for(hashlib.sha256(data).hexdigest()[:64])
        self.assertEqual(0, terminal.wait())

    def test_a_terminal_that_takes_nothing_stops_neither_the_keys_nor_the_memory(self):
        script = "trap 'exit 9' INT; while :; do echo 0123456789012345678901234567890123456789; done"
        terminal = Terminal(self, [SESSION, "run", "--output", "--", "sh", "-c", script], env=self.env, reading=False,
                            drawing=False)
        session = terminal.process.pid
        wait_until(lambda: len(children_of(session)) > 0, "it runs")
        # All buffers are full once nobody is busy any more.
        wait_until(lambda: self.is_waiting(session), "it waits for the terminal")
        terminal.type("\x03")
        terminal.start_reading()
        self.assertEqual(9, terminal.wait())
        self.assertLess(len(terminal.raw), 2_000_000)

    def is_waiting(self, pid):
        """Whether a process has used no time for a while."""
        def used():
            with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                return file.read().rpartition(")")[2].split()[11:13]

        before = used()
        try:
            wait_until(lambda: used() != before, "it works", patience_s=0.5)
            return False
        except AssertionError:
            return True

    def test_signals_to_the_session_reach_the_command_and_the_terminal_is_restored(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
            terminal = Terminal(self, [SESSION, "run", "--", *CAT], env=self.env)
            terminal.wait_for("ready")
            terminal.type("line\r")
            terminal.wait_for("line", 2)
            self.assertNotEqual(terminal.settings_before, terminal.settings(), "it is raw")
            terminal.process.send_signal(number)
            self.assertEqual(-number, terminal.wait())
            self.assertEqual(terminal.settings_before, terminal.settings())

    def test_a_command_that_ignores_them_is_not_abandoned(self):
        script = "trap '' TERM; echo ready; read line; echo got $line; exit 4"
        terminal = Terminal(self, [SESSION, "run", "--", "sh", "-c", script], env=self.env)
        terminal.wait_for("ready")
        terminal.process.send_signal(signal.SIGTERM)
        terminal.type("it\r")
        terminal.wait_for("got it")
        self.assertEqual(4, terminal.wait())

    def test_a_command_that_crashes_is_our_crash(self):
        for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL):
            self.assertEqual(-number, self.both(["sh", "-c", f"kill -{int(number)} $$"], lambda t: None)[1])
            # What it had made of its terminal is gone with it.
            terminal = Terminal(self, [SESSION, "run", "--", "sh", "-c", f"stty raw; kill -{int(number)} $$"],
                                env=self.env)
            self.assertEqual(-number, terminal.wait())
            self.assertEqual(terminal.settings_before, terminal.settings())

    def test_what_stays_in_the_background_does_not_hold_up_the_end(self):
        pid_path = os.path.join(self.folder, "pid")
        script = f"tail -f /dev/null & echo $! > {pid_path}; exit 3"
        terminal = Terminal(self, [SESSION, "run", "--", "sh", "-c", script], env=self.env)
        self.assertEqual(3, terminal.wait())
        with open(pid_path, encoding="ascii") as file:
            left = int(file.read())
        self.assertTrue(is_alive(left), "as without a session, it lives on")
        os.kill(left, signal.SIGKILL)

    def test_a_command_that_cannot_be_run(self):
        for command, code, words in (("no-such-command", 127, "No such file"), ("/etc/passwd", 126, "Permission")):
            terminal = Terminal(self, [SESSION, "run", "--", command], env=self.env)
            self.assertEqual(code, terminal.wait())
            self.assertIn(words, terminal.screen())
            self.assertEqual(terminal.settings_before, terminal.settings())

    def test_a_session_in_a_session(self):
        def drive(terminal):
            wait_prompt(terminal)
            terminal.type("stty size\r")
            terminal.wait_for("24 80")
            wait_prompt(terminal)
            terminal.type("exit 5\r")

        nested = [SESSION, "run", "--", *BASH]
        self.assertEqual(5, self.both(nested, drive)[1])

    def test_a_spool_that_cannot_be_written_costs_one_line_at_the_end(self):
        self.env["EVENTLOG_SPOOL_DIR"] = "/proc/nowhere"
        terminal = Terminal(self, [SESSION, "run", "--", "sh", "-c", "echo hello; exit 6"], env=self.env)
        self.assertEqual(6, terminal.wait())
        lines = " ".join(terminal.lines())
        self.assertRegex(lines, r"^hello session: 4 events of session \w{18} are not kept: ")


if __name__ == "__main__":
    unittest.main()
