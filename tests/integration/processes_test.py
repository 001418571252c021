#!/usr/bin/python3
"""What a test starts ends with it: with all that it started itself, and also when the test is killed."""

import os
import subprocess
import sys
import unittest

HARNESS = os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness")
sys.path.insert(0, HARNESS)
from processes import ProcessTest, children_of, is_alive  # noqa: E402
from waiting import wait_until  # noqa: E402

A_TEST = """
import sys
sys.path.insert(0, sys.argv[1])
from processes import Child
child = Child("child", ["tail", "-f", "/dev/null"], sys.argv[2])
print(child.pid, flush=True)
child.wait(1000)
"""


class ProcessesTest(ProcessTest):
    def test_whole_group_is_killed(self):
        child = self.start("group", ["bash", "-c", "tail -f /dev/null & wait"])
        grandchild = wait_until(lambda: children_of(child.pid), "the child has one of its own")[0]
        child.kill()
        self.assertEqual(-9, child.process.returncode)
        wait_until(lambda: not is_alive(grandchild), "the child's child is gone")

    def test_child_of_a_killed_test_is_killed(self):
        with subprocess.Popen([sys.executable, "-c", A_TEST, HARNESS, self.folder], stdout=subprocess.PIPE) as test:
            child = int(test.stdout.readline())
            wait_until(lambda: b"tail" in self.command_of(child), "the child runs what it was started for")
            test.kill()
        wait_until(lambda: not is_alive(child), "the child is gone")

    def command_of(self, pid):
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().split(b"\0")[0]

    def test_exit_code_is_the_program_s(self):
        self.assertEqual(7, self.start("seven", ["bash", "-c", "exit 7"]).wait())


if __name__ == "__main__":
    unittest.main()
