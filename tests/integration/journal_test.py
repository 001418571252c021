#!/usr/bin/python3
"""The judge of client journals finds each kind of mistake; a client process goes on where its journal ends."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from journal import Journal  # noqa: E402

LOG = [(offset, "p", offset * 10) for offset in range(10)]
ODD = LOG[1::2]


def events(*offsets, cursor=None):
    reached = offsets[-1] if cursor is None else cursor
    return {"events": [[offset, "p", offset * 10] for offset in offsets], "cursor": f"e:{reached}"}


def begin(asked, hello=None):
    hello = asked if hello is None else hello
    return [{"connect": asked}, {"hello": hello, "cursor": hello}]


class JournalTest(unittest.TestCase):
    def check(self, lines, wanted=LOG, resume=True):
        journal = Journal("")
        journal.lines = lines
        return journal.check("client", wanted, resume)

    def refused(self, finding, lines, wanted=LOG, resume=True):
        with self.assertRaisesRegex(AssertionError, finding):
            self.check(lines, wanted, resume)

    def test_a_right_journal_is_accepted(self):
        self.assertEqual(2, self.check([
            *begin("earliest", "e:-1"), events(0, 1, 2), {"closed": [1006, ""]}, {"connect": "e:2"},
            {"closed": [0, "refused"]}, *begin("e:2"), events(3), {"at": "heartbeat", "cursor": "e:3"}, events(4, 5)]))
        live = {"at": "live", "cursor": "e:4"}
        self.check([*begin("earliest", "e:-1"), events(1, 3, cursor=4), live, events(5)], ODD)
        self.check([*begin("latest", "e:3"), events(4, 5), *begin("latest", "e:8"), events(9)], resume=False)

    def test_each_mistake_is_found(self):
        start = begin("earliest", "e:-1")
        self.refused("due was", [*start, events(0, 2)])
        self.refused("due was", [*start, events(1)])
        self.refused("comes behind", [*start, events(0, 1, 1)])
        self.refused("comes behind", [*start, events(0, 1), events(0)])
        self.refused("the log has", [*start, {"events": [[0, "p", 7]], "cursor": "e:0"}])
        self.refused("came; due was", [*start, events(0, 1)], ODD)
        self.refused("never came", [*start, events(0, cursor=1)])
        self.refused("never came", [*start, events(1, cursor=2), {"at": "heartbeat", "cursor": "e:3"}], ODD)
        self.refused("falls back", [*start, events(0, 1, cursor=0)])
        self.refused("a gap", [*start, {"gap": {"after": "e:-1", "until": "e:2"}, "cursor": "e:2"}])

    def test_a_wrong_resumption_is_found(self):
        start = [*begin("earliest", "e:-1"), events(0, 1)]
        self.refused("not for", [*start, *begin("e:0"), events(1)])
        self.refused("was given", [*start, *begin("e:1", "e:2"), events(3)])
        self.refused("due was", [*start, *begin("e:1"), events(3)])


if __name__ == "__main__":
    unittest.main()
