#!/usr/bin/python3
"""What stands in an example is understood or refused, and each kind of difference to it is found."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/e2e"))
from protocol_examples import (ExampleError, difference, read_blocks, read_server_sent_events,  # noqa: E402
                               with_epoch)


class ProtocolExamplesTest(unittest.TestCase):
    def test_blocks_are_read(self):
        page = ('# x\n```js\nclosed\n```\n```firehose\nappend {"type":"a"}\nconnect ?a=b c\n< {"type":"*"}\n'
                'closed 1000 x=y\n```\n```sse\nget ?x Last-Event-ID: y\nid: EPOCH:1\nend\n```\n')
        first, second = read_blocks(page)
        self.assertEqual([(6, "append", {"type": "a"}), (7, "connect", "?a=b c"), (8, "<", {"type": "*"}),
                          (9, "closed", [1000, "x=y"])], [(step.line, step.kind, step.value) for step in first.steps])
        self.assertEqual(("firehose_line_5", "sse_line_11"), (first.name, second.name))
        self.assertEqual([("get", "?x Last-Event-ID: y"), ("id:", "EPOCH:1"), ("end", "")],
                         [(step.kind, step.value) for step in second.steps])

    def test_what_is_no_step_is_refused(self):
        for line in ("<{}", "< {", "closed now", "wait 3", "", "closed"):
            with self.subTest(line=line), self.assertRaisesRegex(ExampleError, "line 2"):
                read_blocks(f"```firehose\n{line}\n```\n")
        for page in ("```sse\nend now\n```\n", "```sse\n```\n", "```firehose\nclosed 1000\n"):
            with self.subTest(page=page), self.assertRaises(ExampleError):
                read_blocks(page)

    def test_every_difference_is_found(self):
        same = {"a": [1, {"b": "x"}], "c": None, "d": True}
        self.assertIsNone(difference(same, {"a": [1, {"b": "x"}], "c": None, "d": True}))
        self.assertIsNone(difference({"a": "*", "c": "*", "d": "*"}, same))
        for found, words in [({**same, "e": 1}, "has a member 'e'"), ({"a": same["a"], "c": None}, "no member 'd'"),
                             ({**same, "d": 1}, "message.d is 1, the example has true"),
                             ({**same, "c": "*"}, 'message.c is "*"'),
                             ({**same, "a": [1]}, "has 1 items, the example 2"),
                             ({**same, "a": [1, {"b": "y"}]}, r"message.a\[1\].b"), ([], "the message is")]:
            self.assertRegex(difference(same, found) or "no difference", words)

    def test_epoch_is_put_in_everywhere(self):
        self.assertEqual({"a": ["e:1", 3, {"b": "=e"}], "c": "WRONG_EPOCH"},
                         with_epoch({"a": ["EPOCH:1", 3, {"b": "=EPOCH"}], "c": "WRONG_EPOCH"}, "e"))

    def test_server_sent_events_are_read(self):
        self.assertEqual([[("id", "x:1"), ("data", '{"a": ": "}')], [("data", "2")]],
                         read_server_sent_events(': ping\n\nid: x:1\ndata: {"a": ": "}\n\n: ping\n\ndata: 2\n\n'))


if __name__ == "__main__":
    unittest.main()
