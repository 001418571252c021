#!/usr/bin/python3
"""The programs beside the CLI, and the senders that they start, have server and token from flag, environment and
configuration file; a file that is wrong hinders no command and no hook."""

import os
import re
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from doorman import Doorman  # noqa: E402
from hooks import Hooks  # noqa: E402
from processes import program  # noqa: E402
from sessiond import SESSION, SESSIOND, SessiondTest  # noqa: E402
from spools import end_spool_senders, wait_for_spool_senders  # noqa: E402
from terminal import Terminal  # noqa: E402
from waiting import wait_until  # noqa: E402

LINES = program("producers/lines/lines")
SECRET = "s3cret-of-the-test"
SERVICE_FLAGS = ("server", "token", "config", "insecure", "log")


class ProducerConfigTest(SessiondTest):
    def setUp(self):
        super().setUp()
        self.doorman = Doorman(self, self.log.grpc)
        del self.env["EVENTLOG_SERVER"]
        self.config = os.path.join(self.folder, ".config/eventlog/config")
        os.makedirs(os.path.dirname(self.config))

    def write(self, text, path=None):
        with open(path or self.config, "w", encoding="utf-8") as file:
            os.chmod(file.fileno(), 0o600)
            file.write(text)

    def run_program(self, *words, code=0, stdin="", **environment):
        result = subprocess.run(words, input=stdin, capture_output=True, text=True, timeout=120, check=False,
                                env={**self.env, **environment}, cwd=self.folder)
        self.assertEqual(code, result.returncode, result.stderr)
        return result

    def wait_called_with(self, token, messages):
        wait_until(lambda: self.log.stats()["messages"] >= messages,
                   lambda: f"{messages} events: {self.log.stats()}, {self.sender_logs()}")
        self.assertEqual({tuple([f"Bearer {token}"])}, {tuple(tokens) for _, tokens in self.doorman.calls})

    def sender_logs(self):
        text = ""
        for folder, _, names in os.walk(self.spool):
            for name in filter("sender.log".__eq__, names):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    text += file.read()
        return text

    def test_lines_has_them_from_each_place(self):
        self.write(f"server = {self.doorman.address}\ntoken = of-file\n")
        server = f"--server={self.doorman.address}"
        for number, (flags, environment, token) in enumerate((
                ((), {}, "of-file"),
                ((), {"EVENTLOG_TOKEN": "of-environment"}, "of-environment"),
                ((server, "--token=of-flag"), {"EVENTLOG_TOKEN": "of-environment", "EVENTLOG_SERVER": "127.0.0.1:1"},
                 "of-flag"))):
            self.doorman.calls.clear()
            self.run_program(LINES, *flags, stdin="one\n", **environment)
            self.wait_called_with(token, number + 1)

    def test_lines_says_what_is_wrong_and_reads_nothing(self):
        self.write("server = a:1\nsevrer = b:2\n")
        error = self.run_program(LINES, stdin="one\n", code=2).stderr
        self.assertIn(f"lines: {self.config}:2: \"sevrer\" is not known; right are server, token", error)
        self.write(f"server = log.example:7431\ntoken = {SECRET}\n")
        error = self.run_program(LINES, stdin="one\n", code=2).stderr
        self.assertIn("the token is not sent to log.example:7431", error)
        self.assertNotIn(SECRET, error)
        environment = {"EVENTLOG_INSECURE": "maybe", "EVENTLOG_CONFIG": "/dev/null"}
        error = self.run_program(LINES, stdin="one\n", code=2, **environment).stderr
        self.assertIn("lines: EVENTLOG_INSECURE=maybe: right is 1, true or yes, or 0, false or no", error)

    def test_a_session_and_its_sender_find_the_file_that_is_named_from_another_folder(self):
        self.write(f"server = {self.doorman.address}\ntoken_file = secret\n", os.path.join(self.folder, "mine"))
        self.write(SECRET + "\n", os.path.join(self.folder, "secret"))
        self.run_program(SESSION, "run", "--config=mine", "--", "true")
        self.wait_called_with(SECRET, 4)
        wait_for_spool_senders(self.spool)
        self.run_program(SESSION, "run", "--", "true", EVENTLOG_CONFIG="mine")
        self.wait_called_with(SECRET, 8)

    def test_the_command_has_what_its_hooks_need_and_no_arguments_show_the_token(self):
        server = f"--server={self.doorman.address}"
        told = self.run_program(SESSION, "run", server, f"--token={SECRET}", "--", "sh", "-c",
                                "echo $EVENTLOG_TOKEN $EVENTLOG_SERVER").stdout
        self.assertEqual(f"{SECRET} {self.doorman.address}\n", told)
        self.wait_called_with(SECRET, 4)

    def test_a_wrong_file_hinders_no_command_and_a_person_is_told_behind_it(self):
        self.write(f"sevrer = x\nserver = {self.doorman.address}\ntoken = {SECRET}\n")
        plain = self.run_program(SESSION, "run", "--", "sh", "-c", "echo of-it >&2; exit 7", code=7)
        self.assertEqual(("", "of-it\n"), (plain.stdout, plain.stderr))
        self.wait_called_with(SECRET, 4)
        self.assertIn(f"{self.config}:1: \"sevrer\" is not known", self.sender_logs())
        terminal = Terminal(self, [SESSION, "run", "--", "sh", "-c", "echo of-it; exit 7"], env=self.env, columns=300)
        self.assertEqual(7, terminal.wait())
        screen = terminal.screen()
        self.assertRegex(screen, re.compile(r"of-it.*session: left out: \S+config:1: \"sevrer\"", re.DOTALL))

    def test_without_a_token_that_may_be_meant_the_events_wait_for_the_file(self):
        self.write(f"server = {self.doorman.address}\ntoken {SECRET}\n")
        hooks = Hooks(self, self.doorman.address, spools=self.spool)
        del hooks.environment["EVENTLOG_SERVER"]
        code, error = hooks.run(b"{}", "--strict")
        self.assertEqual(26, code)
        self.assertIn(f"the event is kept for {self.doorman.address}", error)
        self.assertIn(f"{self.config}:2: the line is no setting", error)
        code, _ = hooks.run(b"{}")
        self.assertEqual(0, code)
        wait_until(lambda: "the token may be missing" in self.sender_logs(), "the sender says why it does not send")
        wait_for_spool_senders(self.spool)
        self.assertEqual([], self.doorman.calls)
        self.assertNotIn(SECRET, self.sender_logs() + error)
        self.write(f"server = {self.doorman.address}\ntoken = {SECRET}\n")
        hooks.keep(b"{}")
        self.wait_called_with(SECRET, 3)

    def test_sessions_of_sessiond_are_told_as_its_configuration_says(self):
        self.write(f"server = {self.doorman.address}\ntoken = {SECRET}\nsevrer = x\n")
        self.addCleanup(self.end_sessiond)
        # Whoever starts a session may have another server and token: they are not those of this sessiond.
        started = self.start_session("sh", "-c", "true")
        self.wait_events(started["session_id"], ["session.created", "session.removed EXITED 0"])
        self.wait_called_with(SECRET, 2)
        with open(os.path.join(self.env["EVENTLOG_SESSION_DIR"], "sessiond.log"), encoding="utf-8") as file:
            self.assertIn(f"{self.config}:3: \"sevrer\" is not known", file.read())
        self.env.update(EVENTLOG_SERVER="127.0.0.1:1", EVENTLOG_TOKEN="of-another")
        path = os.path.join(self.folder, "told")
        self.start_session("sh", "-c", f"echo $EVENTLOG_SERVER,$EVENTLOG_TOKEN > {path}.new; mv {path}.new {path}")
        wait_until(lambda: os.path.exists(path), "the session has said it")
        with open(path, encoding="utf-8") as file:
            self.assertEqual(f"{self.doorman.address},\n", file.read())

    def end_sessiond(self):
        pid = self.daemon_pid()
        os.kill(pid, signal.SIGTERM)
        self.assert_ended(pid)
        end_spool_senders(self.spool)

    def test_each_program_has_the_same_flags_with_the_same_words(self):
        texts = [" ".join(self.run_program(*words, "--help").stdout.split())
                 for words in ((LINES,), (SESSIOND,), (SESSION, "run"))]
        for text in texts:
            for flag in SERVICE_FLAGS:
                self.assertIn(f"--{flag}", text)
            for words in ("the log service; of several the first that answers", "rather EVENTLOG_TOKEN or token_file",
                          "~/.config/eventlog/config; # is a comment"):
                self.assertIn(words, text)


if __name__ == "__main__":
    unittest.main()
