"""A producer that tells what it was told (tests/crash/told_producer.cc), and what it has told so far."""

import json
import subprocess
import threading

from processes import program
from waiting import wait_until


class ToldProducer:
    def __init__(self, test, name, server, **flags):
        self.kept, self.refused, self.counters = [], [], {}
        self.done = 0  # commands
        self.child = test.start(name, [program("tests/crash/told_producer"), f"--server={server}",
                                       *(f"--{flag}={value}" for flag, value in flags.items())],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._commands = 0
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        for line in self.child.process.stdout:
            words = line.decode().split()
            if line.endswith(b"\n") and words[0] in ("kept", "refused"):
                getattr(self, words[0]).append(int(words[1]))
            elif words[0] == "done":
                self.done += 1
            elif line.endswith(b"\n"):
                self.counters = json.loads(line)

    def command(self, line, await_done=True):
        self._commands += 1
        due = self._commands
        self.child.process.stdin.write(line.encode() + b"\n")
        self.child.process.stdin.flush()
        if await_done:
            wait_until(lambda: self.done >= due or self.child.process.poll() is not None, line)
            assert self.done >= due, self.child.err()

    def kill(self):
        """Afterwards everything that it was told is known."""
        self.child.kill()
        self._end()

    def close(self):
        """The exit code; 0: everything was answered."""
        self.child.process.stdin.close()
        code = self.child.wait(120)
        self._end()
        return code

    def _end(self):
        self._thread.join()
        self.child.process.stdout.close()
