#!/usr/bin/python3
"""`session run` stops when its command is stopped. What becomes of the command meanwhile is not missed."""

import os
import re
import signal
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from processes import ProcessTest, fixed_address, program  # noqa: E402
from spools import end_spool_senders  # noqa: E402
from terminal import Terminal  # noqa: E402

SESSION = program("producers/session/session")


def state_of(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return file.read().rpartition(")")[2].split()[0]


class SessionStopTest(ProcessTest):
    def test_a_command_that_is_killed_as_soon_as_it_is_stopped_ends_the_session(self):
        spool = os.path.join(self.folder, "spool")
        self.addCleanup(end_spool_senders, spool)
        env = {"PATH": "/usr/bin:/bin", "HOME": self.folder, "EVENTLOG_SERVER": fixed_address(),
               "EVENTLOG_SPOOL_DIR": spool, "EVENTLOG_SPOOL_LINGER_MS": "100"}
        for _ in range(10):
            script = "echo pid $$.; exec tail -f /dev/null"
            terminal = Terminal(self, [SESSION, "run", "--", "sh", "-c", script], env=env)
            terminal.wait_for(".")
            command = int(re.search(r"pid (\d+)\.", terminal.screen()).group(1))
            os.kill(command, signal.SIGSTOP)
            while state_of(command) != "T":
                pass  # as soon as it is so
            os.kill(command, signal.SIGKILL)
            self.assertEqual(-signal.SIGKILL, terminal.wait())


if __name__ == "__main__":
    unittest.main()
