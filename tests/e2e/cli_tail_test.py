#!/usr/bin/python3
"""`eventlog tail` as people and pipes use it: cursors, restarts, readers that leave, signals; a service that hangs."""

import array
import fcntl
import json
import os
import signal
import subprocess
import sys
import termios
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from log_client import LogClient, message  # noqa: E402
from processes import ProcessTest, program  # noqa: E402
from services import EventLogService  # noqa: E402
from waiting import wait_until  # noqa: E402

DONE, REFUSED, NOT_REACHED = 0, 1, 3
EVENTLOG = program("producers/cli/eventlog")


def offsets(text):
    return [json.loads(line)["offset"] for line in text.splitlines()]


class CliTailTest(ProcessTest):
    def setUp(self):
        super().setUp()
        self.log = EventLogService(self)

    def run_command(self, *arguments, stdin=""):
        return subprocess.run([EVENTLOG, f"--server={self.log.grpc}", *arguments], input=stdin, capture_output=True,
                              text=True, timeout=120, env={})

    def append(self, count, event_type="a", **members):
        lines = "".join(json.dumps({"type": event_type, "data": n, **members}) + "\n" for n in range(count))
        result = self.run_command("append", "-", "--timeout_s=60", stdin=lines)
        self.assertEqual(DONE, result.returncode, result.stderr)

    def follow(self, name, *arguments):
        return self.start(name, [EVENTLOG, f"--server={self.log.grpc}", "tail", *arguments], env={})

    def wait_for_offsets(self, child, count):
        wait_until(lambda: child.out().count(b"\n") >= count, lambda: f"{count} events are printed: {child.err()}")
        return offsets(child.out().decode())

    def cursor(self, name):
        stats = json.loads(self.run_command("stats").stdout)
        return {cursor["cursor"]: cursor for cursor in stats["cursors"]}.get(name)

    def test_cursor_goes_on_where_the_last_run_ended(self):
        self.append(10)
        first = self.run_command("tail", "--cursor=c", "--from=earliest", "-n", "4")
        self.assertEqual((DONE, [0, 1, 2, 3], ""), (first.returncode, offsets(first.stdout), first.stderr))
        self.assertEqual((4, 6), (self.cursor("c")["next_offset"], self.cursor("c")["lag_records"]))
        self.log.kill()
        self.log.start()
        second = self.run_command("tail", "--cursor=c", "--from=earliest", "--until-caught-up")
        self.assertEqual([4, 5, 6, 7, 8, 9], offsets(second.stdout))
        self.assertEqual(0, self.cursor("c")["lag_records"])
        # What a filter leaves out is done, too.
        self.append(3, "other")
        third = self.run_command("tail", "--cursor=c", "--type=a", "--until-caught-up")
        self.assertEqual("", third.stdout)

    def test_restarts_of_the_service_repeat_nothing_and_lose_nothing(self):
        tail = self.follow("tail", "--cursor=c", "--from=earliest")
        plain = self.follow("plain", "--from=earliest")
        for turn in range(4):
            self.append(50)
            self.wait_for_offsets(tail, 50 * turn + 20)
            self.log.kill()
            self.log.start()
        self.append(50)
        for child in (tail, plain):
            self.assertEqual(list(range(250)), self.wait_for_offsets(child, 250))
            self.assertIn("eventlog tail: reconnecting: ", child.err())
        tail.signal(signal.SIGINT)
        self.assertEqual(DONE, tail.wait())
        self.assertEqual(250, self.cursor("c")["next_offset"])
        plain.signal(signal.SIGTERM)
        self.assertEqual(DONE, plain.wait())

    def test_killed_tail_misses_nothing(self):
        seen = []
        for turn in range(5):
            self.append(2000)
            tail = self.follow(f"tail{turn}", "--cursor=c", "--from=earliest")
            wait_until(lambda: b"\n" in tail.out(), "something is printed", interval_s=0.001)
            tail.kill()
            seen += offsets(tail.out()[:tail.out().rfind(b"\n") + 1].decode())
        seen += offsets(self.run_command("tail", "--cursor=c", "--until-caught-up").stdout)
        self.assertEqual(list(range(10000)), sorted(set(seen)))

    def test_what_is_not_printed_is_not_committed(self):
        self.append(5000)
        # The pipe takes 64 KiB and nobody reads it: not all can be printed, so not all may be committed.
        tail = subprocess.Popen([EVENTLOG, f"--server={self.log.grpc}", "tail", "--cursor=c", "--from=earliest"],
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={})
        self.addCleanup(tail.stdout.close)
        wait_until(lambda: self.cursor("c") is not None, "the cursor is made")
        wait_until(lambda: self._pipe_is_full(tail.stdout), "the pipe is full")
        tail.kill()
        tail.wait()
        printed = offsets(tail.stdout.read().rpartition(b"\n")[0].decode())
        self.assertLess(len(printed), 5000)
        self.assertLessEqual(self.cursor("c")["next_offset"], len(printed))
        rest = offsets(self.run_command("tail", "--cursor=c", "--until-caught-up").stdout)
        self.assertEqual(set(range(5000)), set(printed) | set(rest))

    @staticmethod
    def _pipe_is_full(pipe):
        waiting = array.array("i", [0])
        fcntl.ioctl(pipe, termios.FIONREAD, waiting)
        return waiting[0] >= 60 * 1024

    def test_newest_tail_has_the_cursor(self):
        self.append(3)
        first = self.follow("first", "--cursor=c", "--from=earliest")
        self.wait_for_offsets(first, 3)
        wait_until(lambda: self.cursor("c")["next_offset"] == 3, "what is printed is committed")
        second = self.follow("second", "--cursor=c")
        self.assertEqual(REFUSED, first.wait())
        self.assertIn("CURSOR_FENCED", first.err())
        self.append(2)
        self.assertEqual([3, 4], self.wait_for_offsets(second, 2))
        self.assertEqual([0, 1, 2], offsets(first.out().decode()))

    def test_reader_that_has_enough_ends_it_quietly(self):
        self.append(3)
        script = 'set -o pipefail; "$1" --server="$2" tail --from=earliest | head -1'
        # With nothing more to print, too: the tail follows, and nothing is appended any more.
        result = subprocess.run(["bash", "-c", script, "bash", EVENTLOG, self.log.grpc], capture_output=True, text=True,
                                timeout=120, env={"PATH": "/usr/bin:/bin"})
        self.assertEqual((DONE, [0], ""), (result.returncode, offsets(result.stdout), result.stderr))

    def test_full_disk_of_the_output_is_said(self):
        self.append(3)
        with open("/dev/full", "wb") as full:
            result = subprocess.run([EVENTLOG, f"--server={self.log.grpc}", "tail", "--from=earliest"], stdout=full,
                                    stderr=subprocess.PIPE, text=True, timeout=120, env={})
        self.assertEqual(REFUSED, result.returncode)
        self.assertIn("cannot write standard output: No space left", result.stderr)

    def test_bounds_and_filters(self):
        self.append(3, subject="s", attributes={"region": "north", "kind": "x"})
        self.append(3, "b", subject="t", source="/y", attributes={"region": "south", "kind": "x"})

        def tailed(*arguments):
            result = self.run_command("tail", *arguments)
            self.assertEqual(DONE, result.returncode, result.stderr)
            return offsets(result.stdout)

        everything = ("--from=earliest", "--until-caught-up")
        self.assertEqual([0, 1, 2], tailed("--attribute=region=north", *everything))
        self.assertEqual([3, 4, 5], tailed("--attribute=kind=x", "--attribute=region=south", *everything))
        self.assertEqual([], tailed("--attribute=kind=y", *everything))
        self.assertEqual([3, 4, 5], tailed("--source=/y", *everything))
        self.assertEqual([0, 1, 2, 3, 4, 5], tailed("--type=a", "--type=b", *everything))
        self.assertEqual([2, 3], tailed("--since=2", "--until=4"))
        self.assertEqual([0, 1, 2, 3, 4, 5], tailed("--since=1h", "--until-caught-up"))
        self.assertEqual([], tailed("--since=2000-01-01T00:00:00Z", "--until=1h"))
        self.assertEqual([4, 5], tailed("--from=tail:2", "--until-caught-up"))

    def test_gap_is_said(self):
        self.append(10)
        LogClient(self.log.grpc)._trim(message("TrimLogRequest")(log="events", next_offset=4))
        result = self.run_command("tail", "--since=1", "--until-caught-up")
        self.assertEqual((DONE, [4, 5, 6, 7, 8, 9]), (result.returncode, offsets(result.stdout)))
        self.assertEqual("eventlog tail: offsets 1 to 3 cannot be delivered: GAP_REASON_TRIMMED\n", result.stderr)

    def test_append_to_a_service_that_hangs_says_so_and_ends_in_time(self):
        self.append(1)
        self.log.child.signal(signal.SIGSTOP)
        self.addCleanup(self.log.child.signal, signal.SIGCONT)
        result = self.run_command("append", "--type=a", "--timeout_s=2")
        self.assertEqual((NOT_REACHED, ""), (result.returncode, result.stdout))
        self.assertIn(f"waiting for {self.log.grpc}", result.stderr)
        self.assertIn("in 2 s", result.stderr)
        many = "".join('{"type":"a"}\n' for _ in range(100_000))
        result = self.run_command("append", "-", "--timeout_s=2", stdin=many)
        self.assertEqual(NOT_REACHED, result.returncode)
        self.assertIn("no further line was read", result.stderr)
        # One that waits long enough is served once it goes on.
        late = self.start("late", [EVENTLOG, f"--server={self.log.grpc}", "append", "--type=b", "--timeout_s=3600"],
                          env={})
        wait_until(lambda: "waiting for" in late.err(), "it says that it waits")
        self.log.child.signal(signal.SIGCONT)
        self.assertEqual(DONE, late.wait(), late.err())
        tailed = self.run_command("tail", "--from=earliest", "--until-caught-up", "--type=b")
        self.assertEqual(1, len(tailed.stdout.splitlines()))


if __name__ == "__main__":
    unittest.main()
