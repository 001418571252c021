#!/usr/bin/python3
"""The judges of the other tests see each kind of damage."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
import oracle  # noqa: E402
from log_client import message  # noqa: E402


def entries(count):
    return [(n, "p", n) for n in range(count)]


def batches(*numbers_and_indexes, size=3):
    records = []
    for batch, index in numbers_and_indexes:
        record = message("Record")(offset=len(records))
        record.event.subject = "b" if batch is not None else "other"
        record.event.attributes.update({"batch": str(batch), "index": str(index), "size": str(size)})
        records.append(record)
    return records


class OracleTest(unittest.TestCase):
    def test_whole_log_passes(self):
        oracle.check_dense(entries(5))
        oracle.check_each_once_in_order(entries(5), "p", [0, 1, 2, 3, 4])
        oracle.check_same("reader", entries(5), entries(5))
        oracle.check_acknowledged("p", [0, 1], lambda n: n, {0: ("p", 0), 1: ("p", 1)})
        whole = batches((0, 0), (0, 1), (0, 2), (None, 0), (1, 0), (1, 1), (1, 2))
        self.assertEqual(2, oracle.check_batches(whole, "b"))

    def test_damage_is_seen(self):
        lost, swapped, repeated = entries(5), entries(5), entries(5)
        del lost[2]
        swapped[1], swapped[2] = swapped[2], swapped[1]
        repeated.insert(3, repeated[3])
        for damaged in (lost, swapped, repeated, entries(4), entries(6)):
            with self.assertRaises(AssertionError):
                oracle.check_same("reader", damaged, entries(5))
            with self.assertRaises(AssertionError):
                oracle.check_each_once_in_order(damaged, "p", [0, 1, 2, 3, 4])
        for damaged in (lost, swapped, repeated):
            with self.assertRaises(AssertionError):
                oracle.check_dense(damaged)

    def test_wrong_acknowledgement_is_seen(self):
        for by_offset in ({0: ("p", 0)}, {0: ("p", 0), 1: ("p", 2)}, {0: ("p", 0), 1: ("q", 1)}):
            with self.assertRaises(AssertionError):
                oracle.check_acknowledged("p", [0, 1], lambda n: n, by_offset)

    def test_torn_batch_is_seen(self):
        whole = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
        torn = [whole[:5], whole[:1] + whole[2:], whole[1:], whole[:4] + [(None, 0)] + whole[4:], whole + whole[3:],
                whole[3:] + whole[:3], [(0, 0), (1, 1), (0, 2)]]
        for damaged in torn:
            with self.assertRaises(AssertionError, msg=str(damaged)):
                oracle.check_batches(batches(*damaged), "b")


if __name__ == "__main__":
    unittest.main()
