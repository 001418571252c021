#!/usr/bin/python3
"""Completion in real shells, as somebody types it: the screen shows what the Tab key gave."""

import os
import shutil
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from log_client import LogClient, message  # noqa: E402
from processes import ProcessTest, fixed_address, program  # noqa: E402
from services import EventLogService  # noqa: E402
from terminal import Terminal  # noqa: E402
from waiting import wait_until  # noqa: E402

TAB, CLEAR_LINE = "\t", "\x15"


def is_missing(shell):
    if shutil.which(shell, path="/usr/bin:/bin"):
        return False
    print(f"skipped: needs {shell}", flush=True)
    return True


class CliCompletionTest(ProcessTest):
    def setUp(self):
        super().setUp()
        self.log = EventLogService(self)
        client = LogClient(self.log.grpc)
        client._call("CreateLog", "CreateLogRequest", "Log", "LogAdmin")(
            message("CreateLogRequest")(log=message("Log")(log="orders")))
        self.bin = os.path.join(self.folder, "bin")
        os.makedirs(self.bin)
        os.symlink(program("producers/cli/eventlog"), os.path.join(self.bin, "eventlog"))
        with open(os.path.join(self.folder, "settings.conf"), "w", encoding="utf-8"):
            pass
        self.environment = {"PATH": f"{self.bin}:/usr/bin:/bin", "EVENTLOG_SERVER": self.log.grpc, "HOME": self.folder,
                            "LANG": "C.UTF-8", "INPUTRC": "/dev/null"}

    def shell(self, *command, setup):
        terminal = Terminal(self, command, env=self.environment, cwd=self.folder, rows=60, columns=200)
        terminal.type(setup + "; echo re''ady\r")
        terminal.wait_for("ready")
        return terminal

    def assert_completes(self, terminal, typed, shown):
        """Tab after `typed` completes it on the line."""
        terminal.type(typed + TAB)
        wait_until(lambda: terminal.lines()[-1].endswith(" " + shown),
                   lambda: f"{typed!r} became {shown!r}:\n{terminal.screen()}")
        terminal.type(CLEAR_LINE)

    def assert_offers(self, terminal, typed, *shown):
        """Tab twice lists what there is."""
        terminal.type(typed + TAB + TAB)
        for text in shown:
            terminal.wait_for(text)
        terminal.type(CLEAR_LINE)

    def check_all(self, terminal):
        self.assert_completes(terminal, "eventlog sta", "eventlog stats")
        self.assert_completes(terminal, "eventlog tail --until_c", "eventlog tail --until_caught_up")
        self.assert_completes(terminal, "eventlog tail --subj", "eventlog tail --subject=")
        self.assert_completes(terminal, "eventlog tail --color=nev", "eventlog tail --color=never")
        self.assert_completes(terminal, "eventlog tail --color al", "eventlog tail --color always")
        self.assert_completes(terminal, "eventlog stats --log=ord", "eventlog stats --log=orders")
        self.assert_completes(terminal, "eventlog stats --log ev", "eventlog stats --log events")
        self.assert_completes(terminal, "eventlog --config=sett", "eventlog --config=settings.conf")
        self.assert_completes(terminal, "eventlog --json completion f", "eventlog --json completion fish")

    def test_bash(self):
        if is_missing("bash"):
            return
        terminal = self.shell("bash", "--norc", "--noprofile", "-i", setup="source <(eventlog completion bash)")
        self.check_all(terminal)
        self.assert_offers(terminal, "eventlog ", "append", "completion")

    def test_zsh(self):
        if is_missing("zsh"):
            return
        terminal = self.shell("zsh", "-f", "-i", setup="autoload -U compinit; compinit -u -D; "
                                                       "source <(eventlog completion zsh)")
        self.check_all(terminal)
        self.assert_offers(terminal, "eventlog ", "Append one event", "Print events and follow the log")

    def test_fish(self):
        if is_missing("fish"):
            return

        def complete(line):
            result = subprocess.run(["fish", "--no-config", "-c",
                                     f"eventlog completion fish | source; complete -C '{line}'"], cwd=self.folder,
                                    capture_output=True, text=True, timeout=120, env=self.environment)
            self.assertEqual((0, ""), (result.returncode, result.stderr))
            return [word.split("\t")[0] for word in result.stdout.splitlines()]

        self.assertEqual(["stats"], complete("eventlog sta"))
        self.assertIn("append", complete("eventlog "))
        self.assertEqual(["--until=", "--until_caught_up"], sorted(complete("eventlog tail --unti"), key=len))
        self.assertEqual(["--color=never"], complete("eventlog tail --color=nev"))
        self.assertEqual(["always"], complete("eventlog tail --color al"))
        self.assertEqual(["--log=events", "--log=orders"], sorted(complete("eventlog stats --log=")))
        self.assertEqual(["orders"], complete("eventlog stats --log ord"))
        self.assertEqual(["--config=settings.conf"], complete("eventlog --config=sett"))

    def test_a_wrong_configuration_file_hinders_no_shell(self):
        def complete(*words, **environment):
            result = subprocess.run([program("producers/cli/eventlog"), "completion", *words], capture_output=True,
                                    text=True, timeout=120, env={**self.environment, **environment})
            self.assertEqual((0, ""), (result.returncode, result.stderr))
            return result.stdout

        for words in (("bash",), ("zsh",), ("fish",), ("candidates", "--", "stats", "--log=")):
            self.assertEqual(complete(*words), complete(*words, EVENTLOG_CONFIG="/none"))
        self.assertIn("--log=orders", complete("candidates", "--", "stats", "--log=", EVENTLOG_CONFIG="/none"))

    def test_service_that_is_away_or_hangs_does_not_hold_the_line_up(self):
        for server in (fixed_address(), self.log.grpc):
            if server == self.log.grpc:
                self.log.child.signal(signal.SIGSTOP)
            result = subprocess.run([program("producers/cli/eventlog"), f"--server={server}", "completion",
                                     "candidates", "--", "stats", "--log="], capture_output=True, text=True,
                                    timeout=120, env={})
            self.assertEqual((0, "", ""), (result.returncode, result.stdout, result.stderr))


if __name__ == "__main__":
    unittest.main()
