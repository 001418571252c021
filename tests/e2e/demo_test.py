#!/usr/bin/python3
"""`up --demo` proves what it says: it agrees when all is well, and does not when any of the three differs."""

import os
import signal
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from processes import ProcessTest, children_of, is_alive, program  # noqa: E402
from waiting import wait_until  # noqa: E402

PROGRAMS = ("eventlog-svc/eventlog-svc", "gateway-svc/gateway-svc", "producers/cli/eventlog", "producers/lines/lines")


class DemoTest(ProcessTest):
    def demo(self, *command, up=None, flags=(), name="demo"):
        return self.start(name, [up or program("up"), *flags, "--demo", *command])

    def up_with(self, path, script):
        """An `up` of which one program is replaced by a shell script; "$REAL" in it is the program itself."""
        runfiles = os.path.join(self.folder, "up.runfiles/eventlog")
        for each in PROGRAMS:
            os.makedirs(os.path.dirname(os.path.join(runfiles, each)), exist_ok=True)
            if each != path:
                os.symlink(program(each), os.path.join(runfiles, each))
        with open(os.path.join(runfiles, path), "w", encoding="utf-8") as file:
            file.write(f"#!/bin/bash\nREAL={program(path)}\n{script}\n")
        os.chmod(os.path.join(runfiles, path), 0o755)
        os.symlink(program("up"), os.path.join(self.folder, "up"))
        return os.path.join(self.folder, "up")

    def assert_agrees(self, demo, count):
        self.assertEqual(0, demo.wait(), demo.err())
        text = demo.out().decode()
        self.assertIn(f"appended {count}, acknowledged {count}, received {count}: they agree", text)
        for word in ("appended ", "acknowledged ", "received "):
            self.assertGreaterEqual(sum(line.startswith(word) for line in text.splitlines()), count)

    def assert_disagrees(self, demo, *words):
        self.assertEqual(1, demo.wait(), demo.err())
        self.assertIn("they do not agree", demo.out().decode())
        for word in words:
            self.assertIn(word, demo.err())

    def test_without_a_command(self):
        self.assert_agrees(self.demo(), 6)

    def test_payloads_of_all_kinds(self):
        text = r'{"a":1.50,"b":[]}\nplain\n"quoted"\n12\n\303\251\n  spaces  \n{broken\nlast, without end'
        command = f"printf '{text}'"
        self.assert_agrees(self.demo("sh", "-c", command), 8)

    def test_many_lines(self):
        self.assert_agrees(self.demo("seq", "20000"), 20000)

    def test_named_directory_is_kept(self):
        folder = os.path.join(self.folder, "kept")
        for number in range(2):
            self.assert_agrees(self.demo("seq", "3", flags=[f"--data_dir={folder}"], name=f"demo{number}"), 3)
        self.assertTrue(os.listdir(folder))

    def test_lost_line(self):
        up = self.up_with("producers/lines/lines", 'sed -u 3d | "$REAL" "$@"')
        self.assert_disagrees(self.demo("seq", "5", up=up), "3: printed '3', received '4'", "5: printed '5', never")

    def test_repeated_line(self):
        up = self.up_with("producers/lines/lines", 'sed -u 3p | "$REAL" "$@"')
        self.assert_disagrees(self.demo("seq", "5", up=up), "4: printed '4', received '3'", "6: nothing was printed")

    def test_changed_line(self):
        up = self.up_with("producers/lines/lines", 'sed -u s/3/x/ | "$REAL" "$@"')
        self.assert_disagrees(self.demo("seq", "5", up=up), "3: printed '3', received 'x' at offset 2")

    def test_invented_acknowledgement(self):
        up = self.up_with("producers/lines/lines", '"$REAL" "$@" | sed -u s/:4}/:9}/')
        self.assert_disagrees(self.demo("seq", "6", up=up), "acknowledged at offset 9, received at offset 4")

    def test_event_that_the_watcher_misses(self):
        up = self.up_with("producers/lines/lines", 'exec "$REAL" "$@" --subject=elsewhere')
        self.assert_disagrees(self.demo("seq", "2", up=up), "acknowledged at offset 0, never received")

    def test_failing_producer(self):
        up = self.up_with("producers/lines/lines", "cat >/dev/null; exit 7")
        self.assert_disagrees(self.demo("seq", "2", up=up), "the producer ended with 7")

    def test_command_that_cannot_run_or_prints_nothing(self):
        missing = self.demo("/no/such/program", name="missing")
        self.assertEqual(2, missing.wait())
        self.assertIn("cannot run the command", missing.err())
        silent = self.demo("true", name="silent")
        self.assertEqual(1, silent.wait())
        self.assertIn("printed nothing", silent.err())

    def test_interrupted(self):
        demo = self.demo("sh", "-c", "echo one; exec tail -f /dev/null")
        wait_until(lambda: b"received" in demo.out(), "the first line went through")
        pids = children_of(demo.pid)
        self.assertEqual(4, len(pids))
        demo.signal(signal.SIGINT)
        self.assertNotEqual(0, demo.wait())
        for pid in pids:
            wait_until(lambda: not is_alive(pid), f"process {pid} is gone", 20)


if __name__ == "__main__":
    unittest.main()
