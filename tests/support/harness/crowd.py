"""Thousands of firehose clients (tests/integration/client_crowd) as a test in Python tells them what to do."""

import json
import subprocess

from processes import program
from waiting import wait_until


class Crowd:
    """Groups of clients, each by its name. Every client judges by itself that each offset comes once, in order, that
    cursors are where it stands, and that it goes on where it asked to; `violations` counts those to whom it did not."""

    def __init__(self, test):
        self._child = test.start("crowd", [program("tests/integration/client_crowd")], stdin=subprocess.PIPE)
        self._answers = open(self._child.out_path, "rb")
        test.addCleanup(self._answers.close)
        test.addCleanup(self._child.process.stdin.close)

    @property
    def pid(self):
        return self._child.pid

    def connect(self, group, clients, address, query="cursor=latest", receive_buffer_bytes=0):
        self._do("connect", group, clients, address, query, receive_buffer_bytes)

    def reconnect(self, group, address):
        """Those whose connection ended go on with their last cursor."""
        self._do("reconnect", group, address)

    def stall(self, group):
        self._do("stall", group)

    def read_on(self, group):
        self._do("read", group)

    def close(self, group):
        self._do("close", group)

    def report(self, group):
        return self._do("report", group)

    def await_all(self, group, what, condition, patience_s=120):
        """Until the report of a group fulfils a condition; returns it. Nobody may have seen anything wrong."""
        report = {}

        def fulfilled():
            report.update(self.report(group))
            if report["violations"]:
                raise AssertionError(f"{group}: {report['violations']} clients: {report['violation']}")
            return condition(report)

        wait_until(fulfilled, lambda: f"{group}: {what}: {report}", patience_s)
        return report

    def await_greeted(self, group, patience_s=120):
        return self.await_all(group, "all are greeted", lambda r: r["greeted"] == r["clients"] == r["open"], patience_s)

    def await_offset(self, group, offset, patience_s=120):
        return self.await_all(group, f"all have offset {offset}", lambda r: r["offset_min"] >= offset, patience_s)

    def _do(self, *words):
        self._child.process.stdin.write(" ".join(map(str, words)).encode() + b"\n")
        self._child.process.stdin.flush()
        line = b""

        def whole():
            nonlocal line
            line += self._answers.readline()
            if not line.endswith(b"\n") and self._child.process.poll() is not None:
                raise AssertionError(f"the crowd has ended: {self._child.err()}")
            return line.endswith(b"\n")

        wait_until(whole, f"{words} is answered", interval_s=0.001)
        return json.loads(line)
