#!/usr/bin/python3
"""The demo's judgement: what was printed, acknowledged and received agree, or the first difference is named."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/bazel/up"))
from agreement import DIFFERENCES_MAX, as_written, differences  # noqa: E402


def event(offset, **fields):
    return json.loads(json.dumps({"offset": offset, **fields}), parse_int=as_written, parse_float=as_written)


class AgreementTest(unittest.TestCase):
    def test_same_payloads_in_the_same_order_agree(self):
        printed = [b'{"a": 1, "b": [2.50]}', b"plain", b"", b"\xff\xfe", b"7", b'"quoted"', b"{broken", b"NaN"]
        received = [event(3, data_text="x"), event(5, data_text="plain"), event(6, data_text=""),
                    event(7, data_base64="//4="), event(8, data=7), event(9, data="quoted"),
                    event(10, data_text="{broken"), event(11, data_text="NaN")]
        received[0] = json.loads('{"offset": 3, "data": {"a":1,"b":[2.50]}}', parse_int=as_written,
                                 parse_float=as_written)
        self.assertEqual([], differences(printed, [3, 5, 6, 7, 8, 9, 10, 11], received))

    def test_text_that_is_json_agrees_in_either_form(self):
        self.assertEqual([], differences([b'{"a":1}'], [0], [event(0, data={"a": 1})]))
        self.assertEqual([], differences([b'{"a":1}'], [0], [event(0, data_text='{"a":1}')]))

    def test_each_difference_is_named(self):
        cases = [
            ([b"x"], [], [], "never acknowledged"),
            ([b"x"], [], [event(0, data_text="x")], "yet received"),
            ([b"x"], [0], [], "never received"),
            ([], [0], [event(0, data_text="x")], "nothing was printed"),
            ([b"x"], [0], [event(1, data_text="x")], "received at offset 1"),
            ([b"x"], [0], [event(0, data_text="y")], "received 'y'"),
            ([b"x"], [0], [event(0)], "received ''"),
            ([b"3"], [0], [event(0, data=4)], "printed '3', received '4' at offset 0"),
            ([b'{"a":1}'], [0], [event(0, data={"a": "1"})], "received"),
            ([b'{"a":1.0}'], [0], [event(0, data={"a": 1})], "received"),
        ]
        for printed, acknowledged, received, words in cases:
            found = differences(printed, acknowledged, received)
            self.assertEqual(1, len(found), (printed, acknowledged, received))
            self.assertIn(words, found[0])

    def test_order_matters(self):
        received = [event(0, data_text="b"), event(1, data_text="a")]
        self.assertEqual(2, len(differences([b"a", b"b"], [0, 1], received)))

    def test_the_list_of_differences_ends(self):
        found = differences([b"x"] * 100, [], [])
        self.assertEqual(DIFFERENCES_MAX + 1, len(found))
        self.assertEqual("and 80 more", found[-1])


if __name__ == "__main__":
    unittest.main()
