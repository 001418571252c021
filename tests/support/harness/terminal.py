"""A terminal as a person has it: a program runs on it, keys are typed, and the screen is what would be seen."""

import fcntl
import os
import select
import struct
import subprocess
import termios
import threading
import time

import pyte

from processes import is_alive
from waiting import wait_until


class _Screen(pyte.Screen):
    """Knows that CSI > ... m, which vim says to xterm, is no colour, and that CSI r alone is the whole screen."""

    def select_graphic_rendition(self, *attributes, private=False):
        if not private:
            super().select_graphic_rendition(*attributes)

    def set_margins(self, top=None, bottom=None):
        super().set_margins(top or None, bottom or None)


class Terminal:
    """A program on a PTY of `rows` and `columns`, as leader of its session, with the screen that it draws.

    What is printed is read all the time, unless `reading` is False, and drawn, unless `drawing` is False: it is slow.
    `raw` has all of it, byte for byte.
    """

    def __init__(self, test, command, env=None, cwd=None, rows=24, columns=80, reading=True, drawing=True):
        self.raw = bytearray()
        self._drawing = drawing
        self._screen = _Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._lock = threading.Lock()
        self._master, self._slave = os.openpty()
        self.resize(rows, columns)
        self.settings_before = self.settings()
        # Not as the leader of a group, so that setsid does not fork: the pid is the program's.
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--", "setsid", "--ctty", *command],
                                        stdin=self._slave, stdout=self._slave, stderr=self._slave, cwd=cwd,
                                        env={**(os.environ if env is None else env), "TERM": "xterm"})
        self._stopping = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        if reading:
            self._reader.start()
        test.addCleanup(self.close)

    def start_reading(self):
        self._reader.start()

    def _read(self):
        # The slave is kept open here, to look at its settings; so there is no end of the file.
        while not self._stopping:
            if not select.select([self._master], [], [], 0.05)[0]:
                continue
            with self._lock:
                chunk = os.read(self._master, 65536)
                self.raw += chunk
                if self._drawing:
                    self._stream.feed(chunk)

    def settings(self):
        """Of the terminal, without the bits that say nothing of it."""
        return termios.tcgetattr(self._slave)

    def set_settings(self, settings):
        termios.tcsetattr(self._slave, termios.TCSANOW, settings)

    def resize(self, rows, columns):
        """The screen first: what the program draws once it knows finds the room for it."""
        with self._lock:
            self._screen.resize(rows, columns)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, keys):
        """Types text or bytes, as fast as they are taken."""
        data = keys if isinstance(keys, bytes) else keys.encode()
        while data:
            data = data[os.write(self._master, data[:4096]):]

    def lines(self):
        """The screen's lines down to the last that is not empty."""
        with self._lock:
            lines = [line.rstrip() for line in self._screen.display]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def screen(self):
        return "\n".join(self.lines())

    def wait_for(self, text, count=1):
        """Until the screen shows it so many times."""
        wait_until(lambda: self.screen().count(text) >= count or self.process.poll() is not None,
                   lambda: f"{text!r} is on the screen {count} times:\n{self.screen()}")
        if self.screen().count(text) < count:
            self.wait_all_read()
        if self.screen().count(text) < count:
            raise AssertionError(f"it ended with {self.process.returncode} before {text!r}:\n{self.screen()}")

    def wait_all_read(self):
        """Until all that was printed is read: what no screen shows is printed behind it, and taken out of `raw` again.
        That there is nothing to read would not do: the kernel hands on what was printed when it comes to it. A key that
        makes a signal may throw the mark away, with all output that waits: then the next one shows it."""
        marks = []
        next_mark = time.monotonic()

        def seen():
            nonlocal next_mark
            if time.monotonic() >= next_mark:
                marks.append(b"\x1b]9;" + os.urandom(8).hex().encode() + b"\x07")
                next_mark = time.monotonic() + 1
                os.write(self._slave, marks[-1])
            with self._lock:
                return self.raw.rfind(marks[-1]) >= 0

        wait_until(seen, "the output is read")
        with self._lock:
            for mark in marks:
                self.raw[:] = self.raw.replace(mark, b"")

    def wait(self, patience_s=60):
        """The exit code, once all that was printed is read; -N when it died of signal N."""
        wait_until(lambda: self.process.poll() is not None, lambda: f"it ends:\n{self.screen()}", patience_s)
        self.wait_all_read()
        return self.process.returncode

    def close(self):
        if self.process.poll() is None and is_alive(self.process.pid):
            self.process.kill()
        self.process.wait()
        self._stopping = True
        if self._reader.is_alive():
            self._reader.join()
        os.close(self._slave)
        os.close(self._master)
