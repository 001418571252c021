"""One service as a child process: started, waited for, followed, stopped."""

import ctypes
import os
import signal
import subprocess
import sys
import threading

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
_LINES_HELD_MAX = 1000


def end_with_parent():
    """For preexec_fn: the kernel ends the child with SIGTERM when this process ends, also when that is killed."""
    parent = os.getpid()

    def prepare():
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


class Service:
    """Posts ("ready", self) and ("ended", self) to the queue it is given.

    Standard error is held back until the service is ready, so that a failed start can end in the service's last line
    alone; from then on each line is passed on with the service's name in front.
    """

    def __init__(self, name, command, events):
        self.name = name
        self.addresses = {}
        self._events = events
        self._lock = threading.Lock()
        self._held = []  # guarded by _lock; None once lines are passed on
        # A session of its own: Ctrl-C reaches `up` alone, which stops the services in order. SIGPIPE stays ignored in
        # the child, so that it ends in its own way when the reader of its standard error was killed.
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE, start_new_session=True, restore_signals=False,
                                         preexec_fn=end_with_parent())
        self._stderr_reader = threading.Thread(target=self._read_stderr, daemon=True)
        self._stderr_reader.start()
        threading.Thread(target=self._read_stdout, daemon=True).start()

    @property
    def code(self):
        """The exit code, or None while the process runs."""
        return self._process.returncode

    def follow(self):
        """Passes on what was held back, and from now on every line as it comes."""
        with self._lock:
            held, self._held = self._held or [], None
            for line in held:
                self._print(line)

    def last_line(self):
        with self._lock:
            lines = [line for line in self._held or [] if line.strip()]
        return lines[-1] if lines else ""

    def send(self, number):
        if self._process.poll() is None:
            self._process.send_signal(number)

    def stop(self, patience_s):
        """Asks the service to end; after `patience_s` without an end it is killed. Returns the exit code."""
        self.send(signal.SIGTERM)
        try:
            self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            print(f"up: {self.name} did not stop within {patience_s} s and is killed", file=sys.stderr, flush=True)
            self._process.kill()
            self._process.wait()
        return self._process.returncode

    def _read_stdout(self):
        for line in self._process.stdout:
            words = line.decode("utf-8", "replace").split()
            if words[:1] == ["ready"]:
                self.addresses = dict(word.split("=", 1) for word in words[1:] if "=" in word)
                self._events.put(("ready", self))
        self._process.wait()
        self._stderr_reader.join(timeout=5)
        self._events.put(("ended", self))

    def _read_stderr(self):
        for raw in self._process.stderr:
            line = raw.decode("utf-8", "replace").rstrip("\n")
            with self._lock:
                if self._held is None:
                    self._print(line)
                else:
                    self._held = self._held[-_LINES_HELD_MAX:] + [line]

    def _print(self, line):
        try:
            print(f"[{self.name}] {line}", file=sys.stderr, flush=True)
        except OSError:
            pass  # nobody reads us any more; the services go on
