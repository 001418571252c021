#!/usr/bin/python3
"""The real `lines` under signals, while it waits for the answers to what it has read."""

import os
import signal
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from processes import ProcessTest, fixed_address, program  # noqa: E402
from services import EventLogService  # noqa: E402
from waiting import wait_until  # noqa: E402


class LinesSignalTest(ProcessTest):
    def lines_after_its_input(self, server, *flags):
        """`lines` that has read two lines and the end of its input, and waits."""
        lines = self.start("lines", [program("producers/lines/lines"), f"--server={server}", *flags],
                           stdin=subprocess.PIPE)
        lines.process.stdin.write(b"one\ntwo\n")
        lines.process.stdin.close()
        wait_until(lambda: "waiting for the last answers" in lines.err(), "the input is read")
        return lines

    def signal_once(self, lines):
        lines.signal(signal.SIGTERM)
        wait_until(lambda: "stopped by a signal" in lines.err(), "the signal is seen")

    def test_the_first_signal_is_seen_and_the_second_ends_it(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            lines = self.lines_after_its_input(f"127.0.0.1:{silent.getsockname()[1]}", "--timeout_s=3600",
                                               "--stop_timeout_s=3600")
            self.signal_once(lines)
            self.assertIsNone(lines.process.poll(), "the first signal leaves the time for the answers")
            lines.signal(signal.SIGTERM)
            self.assertEqual(-signal.SIGTERM, lines.wait())

    def test_after_a_signal_it_ends_soon_without_answers_and_says_what_is_missing(self):
        address = fixed_address()
        # Whatever the end of the input leaves: a supervisor that stops it does not wait for an hour.
        lines = self.lines_after_its_input(address, "--timeout_s=3600")
        self.signal_once(lines)
        self.assertEqual(1, lines.wait())
        self.assertIn(f"lines: 2 lines are not known to be stored: {address} did not answer", lines.err())
        self.assertIn("read 2, acknowledged 0, refused 2", lines.err())

    def test_after_the_end_of_its_input_it_waits_for_its_time_alone(self):
        address = fixed_address()
        lines = self.lines_after_its_input(address, "--timeout_s=1", "--stop_timeout_s=3600")
        self.assertEqual(1, lines.wait())
        self.assertIn(f"lines: 2 lines are not known to be stored: {address} did not answer", lines.err())

    def test_the_server_is_that_of_the_environment_where_no_flag_names_one(self):
        log = EventLogService(self)
        environment = {"EVENTLOG_SERVER": log.grpc}
        for number, flags in enumerate(([], [f"--server={log.grpc}"])):
            lines = self.start(f"lines{number}", [program("producers/lines/lines"), *flags], stdin=subprocess.PIPE,
                               env=environment)
            lines.process.stdin.write(b"one\n")
            lines.process.stdin.close()
            self.assertEqual(0, lines.wait(), lines.err())
            environment = {"EVENTLOG_SERVER": fixed_address()}
        self.assertEqual(2, log.stats()["messages"])

    def test_after_a_signal_what_was_read_is_appended(self):
        log = EventLogService(self)
        log.kill()
        lines = self.lines_after_its_input(log.grpc, "--timeout_s=60", "--stop_timeout_s=60")
        self.signal_once(lines)
        log.start()
        self.assertEqual(0, lines.wait())
        self.assertEqual(2, log.stats()["messages"])

    def test_help_says_what_the_signals_do(self):
        lines = self.start("lines", [program("producers/lines/lines"), "--help"])
        self.assertEqual(0, lines.wait())
        self.assertIn("a second signal ends the program at once", " ".join(lines.out().decode().split()))


if __name__ == "__main__":
    unittest.main()
