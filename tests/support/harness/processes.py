"""Real programs as child processes of a test, each ended with the test that started it."""

import os
import signal
import socket
import subprocess
import threading
import time
import unittest

from waiting import wait_until

# The kernel ends the child with this process, also when that is killed. A program in front and not a preexec_fn, which
# would run Python between fork and exec of a process that has threads.
_END_WITH_US = ["setpriv", "--pdeathsig", "KILL", "--"]
LOOPBACK = "127.0.0.1"
_FIXED_PORTS = range(15000, 32000)  # below the range from which the kernel takes the ports of outgoing connections


def program(path):
    """The program or file that Bazel built at this path from the workspace root."""
    return os.path.join(os.environ["TEST_SRCDIR"], "eventlog", path)


def fixed_address(host=LOOPBACK):
    """An address that stays free while a service is down, so that it can come back on the same port. That it is free is
    seen on the loopback only."""
    while True:
        port = _FIXED_PORTS[int.from_bytes(os.urandom(4), "little") % len(_FIXED_PORTS)]
        with socket.socket() as probe:
            try:
                probe.bind((LOOPBACK, port))
                return f"{host}:{port}"
            except OSError:
                continue


def is_alive(pid):
    """Whether a process runs; a zombie does not."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _thread_states(pid):
    states = []
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/stat", encoding="utf-8", errors="replace") as file:
                states.append(file.read().rpartition(")")[2].split()[0])
        except (FileNotFoundError, ProcessLookupError):
            pass
    return states


def children_of(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def resident_kib(pid):
    return _memory_kib(pid, "VmRSS:")


def peak_resident_kib(pid):
    """The most that was ever resident."""
    return _memory_kib(pid, "VmHWM:")


def _memory_kib(pid, field):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(field))


class Child:
    """A running program. Standard output, unless it is given, and error go to files beside each other in `folder`."""

    def __init__(self, name, command, folder, stdin=subprocess.DEVNULL, env=None, cwd=None, stdout=None):
        self.name = name
        self.out_path = os.path.join(folder, name + ".out")
        self.err_path = os.path.join(folder, name + ".err")
        with open(self.out_path, "ab") as out, open(self.err_path, "ab") as err:
            self._out_start, self._err_start = out.tell(), err.tell()
            self.process = subprocess.Popen([*_END_WITH_US, *command], stdin=stdin, stdout=stdout or out, stderr=err,
                                            env=env, cwd=cwd, start_new_session=True)

    @property
    def pid(self):
        return self.process.pid

    def out(self):
        """Standard output since this start."""
        with open(self.out_path, "rb") as file:
            file.seek(self._out_start)
            return file.read()

    def err(self):
        with open(self.err_path, "rb") as file:
            file.seek(self._err_start)
            return file.read().decode("utf-8", "replace")

    def ready(self):
        """The addresses of the ready line, once it is there."""

        def line():
            lines = map(str.split, self.out().decode().split("\n")[:-1])
            found = [words[1:] for words in lines if words[:1] == ["ready"]]
            code = self.process.poll()
            if not found and code is not None:
                raise AssertionError(f"{self.name} ended with {code} before it was ready:\n{self.err()}")
            return found

        words = wait_until(line, f"{self.name} is ready")
        return dict(word.split("=", 1) for word in words[0])

    def signal(self, number):
        if self.process.poll() is None:
            self.process.send_signal(number)

    def stand_still(self):
        """Until SIGCONT. The others run on until the one thread that takes the signal has got a processor."""
        self.signal(signal.SIGSTOP)
        wait_until(lambda: set(_thread_states(self.pid)) == {"T"}, f"{self.name} stands still")

    def wait(self, patience_s=60):
        """The exit code."""
        try:
            return self.process.wait(patience_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} has not ended after {patience_s} s:\n{self.err()[-3000:]}") from None

    def stop(self, patience_s=60):
        self.signal(signal.SIGTERM)
        return self.wait(patience_s)

    def kill(self):
        """With its whole process group, which is its own. Once it is reaped the number may be another group's."""
        if self.process.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()


class Feeder:
    """Writes numbered lines to a program's standard input, a few at a time, until it is told to stop.

    `line_of(n)` gives the n-th line. After stop() `count` lines have been written and standard input is closed.
    """

    def __init__(self, pipe, line_of, lines_per_second, count_max=1 << 60):
        self.count = 0
        self._pipe, self._line_of, self._count_max = pipe, line_of, count_max
        self._chunk = max(1, lines_per_second // 100)
        self._stopping = threading.Event()
        self._going = threading.Event()
        self._going.set()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def pause(self):
        self._going.clear()

    def resume(self):
        self._going.set()

    def _run(self):
        due = time.monotonic()
        try:
            while not self._stopping.is_set() and self.count < self._count_max:
                last = min(self._count_max, self.count + self._chunk)
                text = "".join(self._line_of(n) + "\n" for n in range(self.count, last))
                self._pipe.write(text.encode())
                self._pipe.flush()
                self.count = last
                due = max(due + 0.01, time.monotonic() - 1)
                self._stopping.wait(max(0, due - time.monotonic()))
                if not self._going.is_set():
                    self._going.wait()
                    due = time.monotonic()  # a pause is not made up for
            self._pipe.close()
        except OSError:
            pass  # the program is gone, which its exit code shows

    def stop(self):
        self._stopping.set()
        self._going.set()
        self._thread.join(timeout=60)
        if self._thread.is_alive():
            raise AssertionError("the program has not read its input for 60 s")
        return self.count


class ProcessTest(unittest.TestCase):
    """Ends what it started, and shows what it said when the test fails."""

    maxDiff = 4000

    def setUp(self):
        self.children = []
        self.folder = os.path.join(os.environ["TEST_TMPDIR"], ".".join(self.id().split(".")[-2:]))
        os.makedirs(self.folder)

    def start(self, name, command, **options):
        child = Child(name, command, self.folder, **options)
        self.children.append(child)
        return child

    def tearDown(self):
        outcome = self._outcome
        errors = getattr(outcome, "errors", None) or []
        failed = any(error for _, error in errors) or not getattr(outcome, "success", True)
        for child in reversed(self.children):
            child.kill()
        if failed:
            for path in sorted({child.err_path for child in self.children}):
                with open(path, "rb") as file:
                    print(f"--- {os.path.basename(path)}\n{file.read()[-4000:].decode('utf-8', 'replace')}", flush=True)
