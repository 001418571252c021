"""`eventlog hook` as a coding agent calls it, with a spool of its own."""

import json
import os
import signal
import subprocess

from processes import program
from spools import end_spool_senders, signal_spool_senders, spool_senders, wait_for_spool_senders

EVENTLOG = "producers/cli/eventlog"


class Hooks:
    """Its senders linger for `linger_ms`, and end with the test at the latest. `prefix` is put in front of commands."""

    def __init__(self, test, server, linger_ms=300, spools=None, prefix=()):
        self.spools = spools or os.path.join(test.folder, "spools")
        self.environment = {"EVENTLOG_SERVER": server, "EVENTLOG_SPOOL_DIR": self.spools, "HOME": test.folder,
                            "EVENTLOG_SPOOL_LINGER_MS": str(linger_ms), "PATH": os.environ["PATH"]}
        self._test, self._prefix = test, list(prefix)
        test.addCleanup(end_spool_senders, self.spools, signal.SIGKILL)

    def command(self, *arguments):
        return [*self._prefix, program(EVENTLOG), "hook", *arguments]

    def start(self, *flags, **environment):
        """One that reads from a pipe."""
        return subprocess.Popen(self.command(*flags), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env={**self.environment, **environment})

    def run(self, payload, *flags, **environment):
        """(exit code, standard error) of one with this standard input, which has printed nothing. Its pipes must be at
        their end then, whoever was started."""
        result = subprocess.run(self.command(*flags), input=payload, capture_output=True, timeout=120, check=False,
                                env={**self.environment, **environment})
        self._test.assertEqual(b"", result.stdout)
        return result.returncode, result.stderr.decode()

    def keep(self, payload, *flags, **environment):
        self._test.assertEqual((0, ""), self.run(payload, "--strict", *flags, **environment))

    def ask(self, *arguments):
        """The JSON that `eventlog hook status` and its like print."""
        result = subprocess.run(self.command(*arguments), stdin=subprocess.DEVNULL, capture_output=True, timeout=120,
                                check=False, env=self.environment)
        self._test.assertEqual(b"", result.stderr)
        return json.loads(result.stdout)

    def flush(self):
        self._test.assertEqual({"events": 0, "bytes": 0}, self.ask("flush", "--timeout_s=60"))

    def senders(self):
        return spool_senders(self.spools)

    def kill_senders(self):
        signal_spool_senders(self.spools, signal.SIGKILL)

    def wait_no_senders(self):
        wait_for_spool_senders(self.spools)


def payload_of(name, **members):
    return json.dumps({"session_id": "agent-1", "hook_event_name": name, **members}).encode()
