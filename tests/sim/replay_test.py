#!/usr/bin/python3
"""A seed gives the same life in another process too, step by step, and its steps can be read."""

import os
import re
import subprocess
import unittest

ROOT = os.path.join(os.environ["TEST_SRCDIR"], "eventlog")


def simulate(*flags):
    """What the program printed, without the time that it took."""
    command = [os.path.join(ROOT, "tests/sim/sim"), *flags]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return re.sub(r" in [^ ]*, \d+ seeds/s\n$", "", done.stdout)


class ReplayTest(unittest.TestCase):
    def test_a_seed_is_the_same_life_in_each_process(self):
        lives = [simulate("--first_seed", "7", "--seeds", "1") for _ in range(3)]
        self.assertEqual(lives[0], lives[1])
        self.assertEqual(lives[0], lives[2])
        self.assertNotEqual(lives[0], simulate("--first_seed", "8", "--seeds", "1"))

    def test_its_steps_can_be_read(self):
        life = simulate("--first_seed", "7", "--seeds", "1")
        for what in (r"^1:$", r"^  \S+: append \d+ events, ", r"^  a group of \d+, published", r"^  the power goes, ",
                     r"^    \S+: .*: at \d+, fsync", r"^trace [0-9a-f]{16}$", r"^1 seeds, \d+ steps, \d+ restarts$"):
            self.assertTrue(re.search(what, life, re.MULTILINE), f"no {what} in:\n{life}")

    def test_several_jobs_do_what_one_does(self):
        self.assertEqual(simulate("--seeds", "60"), simulate("--seeds", "60", "--jobs", "3"))


if __name__ == "__main__":
    unittest.main()
