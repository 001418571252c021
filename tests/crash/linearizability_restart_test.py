#!/usr/bin/python3
"""kill -9 of the log under concurrent Append, GetLogStats and Read: before, between and after, all clients saw one log.

Every call is recorded with its begin and end; an append whose answer the kill took is of unknown outcome: it may have
happened, may be seen after the restart, or never. tests/support:check_history then looks for an order of all operations
that a log without concurrency and without crashes could have answered so (linearizability.h says how).
"""

import itertools
import os
import random
import subprocess
import sys
import threading
import unittest

import grpc

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from log_client import LogClient, error_infos_of, message, text_event  # noqa: E402
from processes import ProcessTest, program  # noqa: E402
from services import EventLogService  # noqa: E402
from waiting import wait_until  # noqa: E402

CLIENTS = 6
ANSWERED_PER_ROUND = (150, 400)  # before the kill

OPEN = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.DEADLINE_EXCEEDED)

rounds = int(sys.argv.pop().split("=")[1])


class History:
    """What happened, in the form of tests/support/log_history.h; any thread."""

    def __init__(self):
        self._ticks = itertools.count()  # next() is one step of the interpreter
        self.lines = []
        self.answered = 0
        self.unknown = 0

    def tick(self):
        return next(self._ticks)

    def add(self, kind, outcome, client, called, values=(), expected=None, offset=0, next_offset=0, end_of_log=False):
        returned = 0 if outcome == "unknown" else self.tick()
        words = [kind, outcome, client, called, returned, "-" if expected is None else expected, offset, next_offset,
                 int(end_of_log), *values]
        self.lines.append(" ".join(map(str, words)))
        if outcome == "unknown":
            self.unknown += 1
        else:
            self.answered += 1


class Client:
    """Calls one operation after the other on its own thread until it is stopped."""

    def __init__(self, number, address, history, seed):
        self.number, self.history = number, history
        self.failure = None
        self._log = LogClient(address)
        self._choose = random.Random(seed * 1000 + number)
        self._head = 0  # the highest that it saw
        self._appended = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self._thread.start()

    def stop(self):
        self._stopping.set()
        self._thread.join(timeout=90)
        if self._thread.is_alive():
            raise AssertionError(f"client {self.number} has no answer")
        if self.failure is not None:
            raise AssertionError(f"client {self.number}: {self.failure!r}")
        self._log.close()

    def _run(self):
        try:
            while not self._stopping.is_set():
                self._choose.choice([self.stats, self.read, self.read, self.append, self.append_at_head,
                                     self.append_at_head])()
        except Exception as failure:  # kept for the test's own thread
            self.failure = failure

    def stats(self):
        called = self.history.tick()
        try:
            head = self._log.stats_once().head_offset
        except grpc.RpcError as error:
            return self._must_be_open(error)
        self._head = max(self._head, head)
        return self.history.add("stats", "ok", self.number, called, next_offset=head)

    def read(self):
        self.read_from(max(0, self._head - self._choose.randint(0, 12)), self._choose.randint(1, 40))

    def read_from(self, offset, records_max):
        """The page, or nothing while the service is away."""
        called = self.history.tick()
        try:
            page = self._log.read_once(message("ReadRequest")(offset=offset, max_records=records_max))
        except grpc.RpcError as error:
            # A head below an offset that this client had seen: the checker says what is wrong with that.
            heads = [info.metadata["head_offset"] for info in error_infos_of(error)
                     if info.reason == "OFFSET_OUT_OF_RANGE"]
            if heads:
                return self.history.add("stats", "ok", self.number, called, next_offset=int(heads[0]))
            return self._must_be_open(error)
        if page.gaps:
            raise AssertionError(f"the log has gaps: {page.gaps}")
        self._head = max(self._head, page.next_offset)
        self.history.add("read", "ok", self.number, called, [record.event.text for record in page.records],
                         offset=offset, next_offset=page.next_offset, end_of_log=page.end_of_log)
        return page

    def append_at_head(self):
        self.append(self._head)

    def append(self, expected=None):
        values = [f"{self.number}.{self._appended + i}" for i in range(self._choose.randint(1, 3))]
        self._appended += len(values)
        request = message("AppendRequest")(events=[text_event("test", value) for value in values])
        if expected is not None:
            request.expected_next_offset = expected
        called = self.history.tick()
        try:
            reply = self._log.append_once(request)
        except grpc.RpcError as error:
            actual = [info.metadata["actual"] for info in error_infos_of(error) if info.reason == "OFFSET_MISMATCH"]
            if actual:
                self._head = max(self._head, int(actual[0]))
                return self.history.add("append", "mismatch", self.number, called, values, expected,
                                        next_offset=int(actual[0]))
            self._must_be_open(error)
            return self.history.add("append", "unknown", self.number, called, values, expected)
        self._head = max(self._head, reply.next_offset)
        return self.history.add("append", "ok", self.number, called, values, expected, reply.first_offset,
                                reply.next_offset)

    @staticmethod
    def _must_be_open(error):
        if error.code() not in OPEN:
            raise error


class LinearizabilityRestartTest(ProcessTest):
    def test_all_clients_see_one_log_through_every_restart(self):
        seed = int.from_bytes(os.urandom(4), "little")
        print(f"seed {seed}", flush=True)
        choose = random.Random(seed)
        log = EventLogService(self)
        history = History()
        clients = [Client(number, log.grpc, history, seed) for number in range(CLIENTS)]
        for client in clients:
            client.start()
        for number in range(rounds):
            due = history.answered + choose.randint(*ANSWERED_PER_ROUND)
            wait_until(lambda: history.answered >= due or any(client.failure for client in clients),
                       lambda: f"round {number}: {due} answered, {history.answered} are")
            log.kill()
            log.start()
        for client in clients:
            client.stop()
        self.read_all(log, history, seed)
        print(f"{len(history.lines)} operations, {history.unknown} of unknown outcome", flush=True)
        # Each kill met somebody: else nothing was seen of it.
        self.assertGreater(history.unknown, 0)
        self.check(history)

    def read_all(self, log, history, seed):
        """So that it is known of each append whether it happened."""
        reader = Client(CLIENTS, log.grpc, history, seed)
        offset, end_of_log = 0, False
        while not end_of_log:
            page = reader.read_from(offset, 1000)
            offset, end_of_log = page.next_offset, page.end_of_log
        reader.stats()

    def check(self, history):
        path = os.path.join(self.folder, "history")
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(history.lines) + "\n")
        result = subprocess.run([program("tests/support/check_history"), path], capture_output=True, text=True,
                                timeout=120)
        self.assertEqual(0, result.returncode, result.stdout + result.stderr)


if __name__ == "__main__":
    unittest.main()
