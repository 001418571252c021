#!/usr/bin/python3
"""The benchmarks run to their end and print a ratio for every shape. The figures themselves are not judged here."""

import os
import re
import subprocess
import unittest

ROOT = os.path.join(os.environ["TEST_SRCDIR"], "eventlog")
NUMBER = r"\d+(?:\.\d+)?"


def rows(program, *flags):
    """The lines that begin with a shape, each as its numbers."""
    command = [os.path.join(ROOT, "tests/bench", program), "--quick", *flags]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=250)
    if done.returncode != 0:
        raise AssertionError(f"{program} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    print(done.stdout, flush=True)
    return [[float(number) for number in re.findall(NUMBER, line)]
            for line in done.stdout.split("\n") if re.match(r"(\( *\d+, *\d+\)| *\d+ ) .*\(", line)]


class BenchTest(unittest.TestCase):
    def check(self, found, shapes, columns):
        self.assertEqual(shapes, [tuple(row[:len(shapes[0])]) for row in found])
        for row in found:
            self.assertEqual(columns, len(row), row)
            self.assertNotIn(0, row[1:6], "a throughput, a ratio or a latency that is nothing was not measured")

    def test_append(self):
        self.check(rows("append"),
                   [(1, 1), (1, 64), (1, 256), (10, 64), (100, 64), (100, 256)], columns=14)

    def test_fanout(self):
        self.check(rows("fanout", "--clients=10"), [(1,), (10,), (200,)], columns=13)


if __name__ == "__main__":
    unittest.main()
