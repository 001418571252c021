#!/usr/bin/python3
"""The benchmarks run to their end and print a ratio for every shape. The figures themselves are not judged here."""

import os
import re
import shutil
import subprocess
import unittest

ROOT = os.path.join(os.environ["TEST_SRCDIR"], "eventlog")
PROGRAMS = os.environ.get("PATH", os.defpath) + ":/usr/sbin"  # as tests/bench/child_process.h
NUMBER = r"-?\d+(?:\.\d+)?"


def output(program, *flags):
    command = [os.path.join(ROOT, "tests/bench", program), "--quick", *flags]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise AssertionError(f"{program} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    print(done.stdout, flush=True)
    return done.stdout


def rows(program, *flags):
    """The lines that begin with a shape, each as its numbers."""
    return [[float(number) for number in re.findall(NUMBER, line)]
            for line in output(program, *flags).split("\n") if re.match(r"(\( *\d+, *\d+\)| *\d+ ) .*\(", line)]


def comparisons(text):
    """What tests/bench/comparison.h prints: the numbers of each shape."""
    found = re.findall(rf"^(\S.*?)  +({NUMBER}) +({NUMBER})  +({NUMBER}) \( *({NUMBER})\)$", text, re.MULTILINE)
    return {shape: [float(number) for number in numbers] for shape, *numbers in found}


class BenchTest(unittest.TestCase):
    def check(self, found, shapes, columns):
        self.assertEqual(shapes, [tuple(row[:len(shapes[0])]) for row in found])
        for row in found:
            self.assertEqual(columns, len(row), row)
            self.assertNotIn(0, row[1:6], "a throughput, a ratio or a latency that is nothing was not measured")

    def check_comparisons(self, text, shapes, needs=None, may_be_nothing=()):
        """Every shape was measured; those that `needs` another program only where that is installed."""
        if needs is not None and shutil.which(needs[0], path=PROGRAMS) is None:
            self.assertIn(f"skipped: needs {needs[0]}\n", text)
            shapes = [shape for shape in shapes if shape not in needs[1]]
        found = comparisons(text)
        self.assertEqual(shapes, list(found))
        for shape, numbers in found.items():
            if shape in may_be_nothing:
                continue
            self.assertNotIn(0, numbers[:2], f"{shape}: a figure that is nothing was not measured")

    def test_catch_up(self):
        redis = ["Redis XREAD COUNT 1000, one after another", "Redis XREAD COUNT 1000, 16 in flight, ids known"]
        self.check_comparisons(
            output("catch_up"),
            ["bare stream, 100 records a message", "bare stream, 100 records a message, CPU us",
             "bare stream, 1000 records a message", "bare stream, 1000 records a message, CPU us", *redis],
            needs=("redis-server", redis))

    def test_append_latency(self):
        self.check_comparisons(output("append_latency"), ["echo + fdatasync of a growing file",
                                                          "echo + fdatasync of a file written before"])

    def test_redis(self):
        shapes = ["AppendStream (100, 64) / XADD (100, 64), 1 client",
                  "AppendStream (100, 64) / XADD (100, 64), 64 clients",
                  "client library, 256 places / XADD, 256 clients"]
        self.check_comparisons(output("redis"), shapes, needs=("redis-server", shapes))

    def test_etcd(self):
        shapes = [f"{what}, 64 in flight / etcd Put, 64 in flight"
                  for what in ("Append", "bare gRPC + pwrite + fdatasync", "gRPC echo")]
        self.check_comparisons(output("etcd"), shapes, needs=("etcd", shapes))

    def test_nats(self):
        shapes = ["AppendStream (100, 64) / publish, 256 in flight", "AppendStream (100, 64) / publish, 6400 in flight",
                  "Append / publish, one at a time"]
        self.check_comparisons(output("nats"), shapes, needs=("nats-server", shapes))

    def test_restart(self):
        self.check_comparisons(output("restart"), ["restart after SIGTERM, large / small",
                                                   "restart after SIGKILL, large / small",
                                                   "VerifyLog of the large log / scan",
                                                   "VerifyLog of the large log / scan, CPU"])

    def test_subscribers(self):
        self.check_comparisons(output("subscribers"), ["40 wait on another log", "4 never read what they follow",
                                                       "36 wait on another log, 4 never read",
                                                       "40 follow with a filter that matches nothing"])

    def test_allocations(self):
        self.check_comparisons(output("allocations"), ["allocations, AppendStream (100, 64)",
                                                       "allocations, Subscribe, 100 records a message",
                                                       "server CPU in us, AppendStream (100, 64)"])

    def test_append(self):
        self.check(rows("append"),
                   [(1, 1), (1, 64), (1, 256), (10, 64), (100, 64), (100, 256)], columns=14)

    def fanout(self, part, shapes, may_be_nothing=()):
        text = output("fanout", f"--parts={part}", "--scale=0.002")
        self.check_comparisons(text, shapes, may_be_nothing=may_be_nothing)
        return text

    def test_fanout_rates(self):
        others = [name for name, program in (("NATS WebSocket", "nats-server"), ("Redis Pub/Sub", "redis-server"))
                  if shutil.which(program, path=PROGRAMS)]
        others += ["better"] if len(others) == 2 else []
        shapes = []
        for clients in (2, 10):
            loads = [f"{clients} clients, {in_flight} in flight" for in_flight in (1, 10, 200)]
            for load in loads:
                shapes += [f"{figure}, {load} / bare send" for figure in ("events/s a core", "events/s",
                                                                          "bytes a delivery")]
            for load in loads:
                for other in others:
                    shapes += [f"events/s a core, {load} / {other}", f"events/s, {load} / {other}"]
        self.fanout("fanout", shapes)

    def test_fanout_deflate(self):
        shapes = []
        for in_flight in (1, 10, 100):
            shapes += [f"{figure}, 18 clients, {in_flight} in flight, deflate"
                       for figure in ("events/s a core", "bytes a delivery")]
        self.fanout("deflate", shapes)

    def test_fanout_idle(self):
        shapes = ["Pss for each of 30 idle clients", "Private_Dirty for each of 30 idle clients"]
        self.fanout("idle", shapes, may_be_nothing=shapes)

    def test_fanout_stalled(self):
        memory = ["peak memory grew by, since they stalled / the ring",
                  "peak memory grew by, since the ring was empty / the ring"]
        self.fanout("stalled", ["events/s, 9 clients, 1 stalled / none", "events/s a core, 9 clients, 1 stalled / none",
                                *memory], may_be_nothing=memory)

    def test_fanout_latency(self):
        self.fanout("latency", [f"{load} / {other}"
                                for load in ("p50 ms, 2 clients, 1000 events/s", "p99 ms, 10 clients, 100 events/s")
                                for other in ("append alone", "bare send")])

    def test_fanout_herd(self):
        text = self.fanout("herd", ["records read upstream / records behind",
                                    "most reads that began at one offset / one",
                                    "peak resident bytes / with a 5th of the events",
                                    "peak resident bytes / before", "live clients' p99 ms, during / before",
                                    "the same of a bare process that serves just them, beside the herd",
                                    "seconds until all have theirs / with a 5th",
                                    "seconds until all are greeted / until all have theirs"])
        self.assertGreaterEqual(comparisons(text)["records read upstream / records behind"][0], 5000)

    def test_fanout_filters(self):
        added = "an event, added by 1 more filters, 20 / 2 clients"
        self.fanout("filters", ["a delivery, 20 clients, 2 filters / 1", "a delivery, 2 clients, 2 filters / 1", added],
                    may_be_nothing=[added])

    def test_fanout_knows_its_parts(self):
        done = subprocess.run([os.path.join(ROOT, "tests/bench/fanout"), "--parts=rats"], cwd=ROOT, capture_output=True,
                              text=True, timeout=60)
        self.assertEqual(2, done.returncode)
        self.assertIn('"rats"', done.stderr)


if __name__ == "__main__":
    unittest.main()
