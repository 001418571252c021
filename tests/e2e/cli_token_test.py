#!/usr/bin/python3
"""The token of the command line reaches the service with every call, whichever process makes it, and nobody else."""

import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from doorman import Doorman  # noqa: E402
from hooks import Hooks  # noqa: E402
from processes import ProcessTest, program  # noqa: E402
from services import EventLogService  # noqa: E402
from waiting import wait_until  # noqa: E402

EVENTLOG = program("producers/cli/eventlog")
SECRET = "s3cret-of-the-test"


class CliTokenTest(ProcessTest):
    def setUp(self):
        super().setUp()
        self.log = EventLogService(self)
        self.doorman = Doorman(self, self.log.grpc)

    def run_command(self, *words, **environment):
        return subprocess.run([EVENTLOG, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=300, check=False, env=environment)

    def assert_all_carry_it(self, *methods):
        self.assertLessEqual(set(methods), {method for method, _ in self.doorman.calls})
        self.assertEqual([], [call for call in self.doorman.calls if call[1] != [f"Bearer {SECRET}"]])

    def test_every_command(self):
        server = f"--server={self.doorman.address}"
        for command in ("append --type=t", "stats", "tail --from=earliest --until-caught-up", "logs list",
                        "cursors commit c --next_offset=1", "verify", f"backup --to={self.folder}/copy",
                        "bench --count=10 --warmup_s=0 --subscribers=1 --producers=2",
                        "bench --count=10 --warmup_s=0 --append=stream",
                        "bench --count=10 --warmup_s=0 --append=unary"):
            result = self.run_command(*command.split(), server, EVENTLOG_TOKEN=SECRET)
            self.assertEqual(0, result.returncode, f"{command}: {result.stderr}")
        self.assert_all_carry_it("AppendStream", "Append", "Subscribe", "Read", "GetLogStats", "ListLogs",
                                 "CommitCursor", "VerifyLog", "BackupLog")

    def test_backup_has_it_from_the_flag_and_the_file(self):
        config = os.path.join(self.folder, "config")
        with open(config, "w", encoding="utf-8") as file:
            os.chmod(config, 0o600)
            file.write(f"server = {self.doorman.address}\ntoken = {SECRET}\n")
        for words in ((f"--config={config}",), (f"--server={self.doorman.address}", f"--token={SECRET}")):
            self.doorman.calls.clear()
            result = self.run_command(*words, "backup", f"--to={self.folder}/copy{len(words)}")
            self.assertEqual((0, ""), (result.returncode, result.stderr))
            self.assert_all_carry_it("BackupLog")

    def test_what_a_hook_keeps_is_sent_with_it_and_no_arguments_show_it(self):
        hooks = Hooks(self, self.doorman.address, linger_ms=60_000)
        for number, words in enumerate(((f"--token={SECRET}",), ())):
            hooks.keep(b'{"hook_event_name":"Stop"}', *words, **({} if words else {"EVENTLOG_TOKEN": SECRET}))
            wait_until(lambda: self.log.stats()["messages"] == number + 1, "the event is in the log")
            self.assert_all_carry_it("AppendStream")
            for pid in hooks.senders():
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    self.assertNotIn(SECRET.encode(), file.read())

    def test_a_sender_takes_no_token_to_another_machine(self):
        # A spool of before: its events go where the token must not.
        hooks = Hooks(self, "192.0.2.1:7431", linger_ms=100)
        hooks.keep(b"{}", "--insecure", EVENTLOG_TOKEN=SECRET)
        spool = os.path.join(hooks.spools, os.listdir(hooks.spools)[0])
        for pid in hooks.senders():
            os.kill(int(pid), 15)
        wait_until(lambda: not hooks.senders(), "the sender has ended")
        result = subprocess.run([EVENTLOG, "spool-sender", spool], capture_output=True, timeout=60, check=False,
                                env={"EVENTLOG_TOKEN": SECRET, "HOME": self.folder})
        self.assertEqual(1, result.returncode)
        with open(os.path.join(spool, "sender.log"), encoding="utf-8") as file:
            text = file.read()
        self.assertIn("the token is not sent to 192.0.2.1:7431", text)
        self.assertNotIn(SECRET, text)


if __name__ == "__main__":
    unittest.main()
