"""The journal of a client process (journal_client.py), and what must be true of it, judged by what the log has."""

import bisect
import json
import os

from processes import program


def offset_of(cursor):
    """The offset of a cursor, and checks that it is one."""
    epoch, _, offset = cursor.rpartition(":")
    if not epoch:
        raise AssertionError(f"not a cursor: {cursor}")
    return int(offset)


class Journal:
    """Read while the client still writes it."""

    def __init__(self, path):
        self.path = path
        self.lines = []
        self.event_count = 0
        self._position = 0

    def advance(self):
        """Takes in what is new; returns how many events there are."""
        if os.path.exists(self.path):
            with open(self.path, "rb") as file:
                file.seek(self._position)
                complete, newline, _ = file.read().rpartition(b"\n")
            self._position += len(complete) + len(newline)
            for line in filter(None, complete.split(b"\n")):
                self.lines.append(json.loads(line))
                self.event_count += len(self.lines[-1].get("events", ()))
        return self.event_count

    def cursor(self):
        return next((line["cursor"] for line in reversed(self.lines) if "cursor" in line), None)

    def check(self, name, wanted, resume):
        """On each connection exactly what is wanted of the log came from where it began, in order, up to each cursor
        that was named; and it began where it was asked to. `wanted` are (offset, subject, payload) in order. Returns
        the number of connections that were greeted."""
        places = {entry[0]: place for place, entry in enumerate(wanted)}
        greeted, asked, last_cursor, offset, due = 0, None, None, None, None
        for number, line in enumerate(self.lines):
            where = f"{name}, line {number} of its journal"
            if "connect" in line:
                asked, offset, due = line["connect"], None, None
                if resume and last_cursor is not None and asked != last_cursor:
                    raise AssertionError(f"{where}: asked for {asked}, not for {last_cursor}")
            elif "hello" in line:
                if ":" in asked and line["hello"] != asked:
                    raise AssertionError(f"{where}: asked for {asked}, was given {line['hello']}")
                greeted += 1
                offset = offset_of(line["hello"])
                due = bisect.bisect_right(wanted, offset, key=lambda entry: entry[0])
            elif "gap" in line:
                raise AssertionError(f"{where}: a gap, where nothing was removed: {line}")
            if "cursor" in line:
                offset, due = _follow(where, line, wanted, places, offset, due)
                last_cursor = line["cursor"]
        return greeted

    def closes(self):
        return [line["closed"] for line in self.lines if "closed" in line]

    def errors(self):
        return [line["error"] for line in self.lines if "error" in line]


def _follow(where, line, wanted, places, offset, due):
    """One message: what it brings is what is due, and its cursor skips nothing. Returns the new offset and place."""
    for event in line.get("events", ()):
        if event[0] <= offset:
            raise AssertionError(f"{where}: offset {event[0]} comes behind {offset}")
        if places.get(event[0]) != due:
            raise AssertionError(f"{where}: {event} came; due was {wanted[due:due + 1]}")
        if tuple(event) != wanted[due]:
            raise AssertionError(f"{where}: {event} came; the log has {wanted[due]}")
        offset, due = event[0], due + 1
    reached = offset_of(line["cursor"])
    if reached < offset:
        raise AssertionError(f"{where}: the cursor {line['cursor']} falls back behind {offset}")
    if due < len(wanted) and wanted[due][0] <= reached:
        raise AssertionError(f"{where}: the cursor {line['cursor']} is beyond {wanted[due]}, which never came")
    return reached, due


class JournaledClient:
    """One client of a kind, started and killed by a test."""

    def __init__(self, test, name, urls, query=None, resume=True, deflate=False, pause_s=0,
                 sse=False):
        self.name = name
        self.resume = resume
        self.journal = Journal(os.path.join(test.folder, name + ".journal"))
        self._test = test
        self._options = {"journal": self.journal.path, "urls": urls, "query": query or {}, "resume": resume,
                         "deflate": deflate, "pause_s": pause_s, "sse": sse}
        self.start()

    def start(self):
        self.child = self._test.start(self.name, [program("tests/support/harness/journal_client.py"),
                                                  json.dumps(self._options)])

    def kill(self):
        self.child.kill()

    def alive(self):
        return self.child.process.poll() is None
