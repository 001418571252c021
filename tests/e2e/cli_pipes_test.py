#!/usr/bin/python3
"""What stands at the other end of the command line's standard streams: nobody, a disk that is full, a folder."""

import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from processes import ProcessTest, program  # noqa: E402
from services import EventLogService  # noqa: E402

DONE, REFUSED = 0, 1
EVENTLOG = program("producers/cli/eventlog")


class CliPipesTest(ProcessTest):
    def setUp(self):
        super().setUp()
        self.log = EventLogService(self)

    def run_with(self, *arguments, **streams):
        return subprocess.run([EVENTLOG, f"--server={self.log.grpc}", *arguments], stderr=subprocess.PIPE, text=True,
                              timeout=120, check=False, env={}, **streams)

    def test_all_of_the_input_is_appended_also_when_nobody_reads_the_results(self):
        script = 'set -o pipefail; "$1" --server="$2" append - | head -1'
        result = subprocess.run(["bash", "-c", script, "bash", EVENTLOG, self.log.grpc],
                                input='{"type":"t"}\n' * 20_000, capture_output=True, text=True, timeout=120,
                                env={"PATH": "/usr/bin:/bin"}, check=False)
        self.assertEqual(20_000, self.log.stats()["messages"], result.stderr)
        self.assertEqual(REFUSED, result.returncode)
        self.assertIn("cannot write standard output; the events are appended", result.stderr)

    def test_an_answer_that_a_full_disk_has_cut_is_an_error(self):
        for command in ("stats", "logs list", "logs get events", "completion bash", "tail --help", "bench --count=1"):
            with open("/dev/full", "wb") as full:
                result = self.run_with(*command.split(), stdin=subprocess.DEVNULL, stdout=full)
            self.assertEqual(REFUSED, result.returncode, command)
            self.assertIn("standard output", result.stderr, command)

    def test_a_reader_that_has_enough_is_no_error_of_a_watch(self):
        script = 'set -o pipefail; "$1" --server="$2" stats --watch --interval_s=1 | head -1'
        result = subprocess.run(["bash", "-c", script, "bash", EVENTLOG, self.log.grpc], capture_output=True, text=True,
                                timeout=120, env={"PATH": "/usr/bin:/bin"}, check=False)
        self.assertEqual((DONE, ""), (result.returncode, result.stderr))

    def test_a_folder_as_standard_input_is_said(self):
        folder = os.open("/", os.O_RDONLY)
        self.addCleanup(os.close, folder)
        result = self.run_with("append", "-", stdin=folder, stdout=subprocess.PIPE)
        self.assertEqual((REFUSED, ""), (result.returncode, result.stdout))
        self.assertIn("cannot read standard input", result.stderr)

    def test_a_configuration_that_is_a_folder_ends_no_hook(self):
        result = subprocess.run([EVENTLOG, "hook"], input="{}", capture_output=True, text=True, timeout=120,
                                env={"EVENTLOG_CONFIG": "/", "HOME": self.folder}, check=False)
        self.assertEqual((DONE, ""), (result.returncode, result.stdout), result.stderr)
        self.assertIn("Is a directory", result.stderr)


if __name__ == "__main__":
    unittest.main()
