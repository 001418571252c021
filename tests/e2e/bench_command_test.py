#!/usr/bin/python3
"""`eventlog bench` against the real service: every mode, and what faults of the service make of its report."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from log_client import LogClient, text_event  # noqa: E402
from processes import ProcessTest, fixed_address, program  # noqa: E402
from services import EventLogService  # noqa: E402
from waiting import wait_until  # noqa: E402

DONE, FAULTS_FOUND, WRONG_COMMAND_LINE, NOT_REACHED = 0, 1, 2, 3
FLAGS = ("rate_per_s", "outstanding", "producers", "append", "batch_events", "payload_bytes", "payload", "seed",
         "duration_s", "count", "warmup_s", "drain_s", "subscribers", "log", "keep_log", "verify_only", "timeout_s")
PATIENT = ("--timeout_s=60", "--drain_s=120")
FAULTS = ("missing", "changed", "repeated", "out_of_order", "misplaced", "unknown", "foreign")


class BenchCommandTest(ProcessTest):
    def serve(self, *flags):
        self.log = EventLogService(self, flags)

    def head(self):
        return int(self.log.stats()["logs"][0]["head_offset"])

    def logs(self):
        return [log["log"] for log in self.log.stats()["logs"]]

    def start_bench(self, *flags):
        return self.start("bench", [program("producers/cli/eventlog"), f"--server={self.log.grpc}", "bench", *PATIENT,
                                    *flags], env={})

    def report_of(self, bench, code=DONE):
        self.assertEqual(code, bench.wait(patience_s=240), bench.err())
        return json.loads(bench.out())

    def bench(self, *flags, code=DONE):
        return self.report_of(self.start_bench(*flags), code)

    def assert_sound(self, report):
        """Every acknowledged event is there, and the figures agree with each other."""
        verification = report["verification"]
        self.assertTrue(verification["sound"], verification)
        acknowledged = report["acknowledged"]
        self.assertEqual(f"every event came back unchanged: {acknowledged} of {acknowledged}", verification["text"])
        self.assertEqual((acknowledged, acknowledged), (verification["expected"], verification["unchanged"]))
        self.assertEqual([0] * len(FAULTS), [verification[fault] for fault in FAULTS])
        self.assertEqual(report["sent"], acknowledged + report["unacknowledged"])
        self.assertEqual(report["unacknowledged"], sum(report["errors"].values()))
        self.assertEqual(report["unacknowledged"],
                         verification["unacknowledged_found"] + verification["unacknowledged_absent"])
        latency = report["append_latency_us"]
        self.assertLessEqual(latency["p50"], latency["p90"])
        self.assertLessEqual(latency["p99"], latency["p99_9"])
        self.assertLessEqual(latency["p99_9"], latency["max"])

    def test_every_mode_agrees_with_the_service(self):
        self.serve()
        head = 0
        for append in ("client", "stream", "unary"):
            for mode in ("--rate_per_s=5000", "--outstanding=16"):
                for payload in (("--payload=json",), ("--payload=binary", "--payload_bytes=session")):
                    with self.subTest(append=append, mode=mode, payload=payload):
                        report = self.bench("--log=events", f"--append={append}", mode, *payload, "--producers=2",
                                            "--count=1000", "--warmup_s=0", "--subscribers=1")
                        self.assert_sound(report)
                        self.assertEqual((1000, 1000), (report["sent"], report["append_latency_us"]["count"]))
                        self.assertEqual((1000, 0), (report["subscribers"]["delivered"],
                                                     report["subscribers"]["behind"]))
                        self.assertEqual(1000, report["subscribers"]["latency_us"]["count"])
                        self.assertGreater(report["cpu"]["bench_s"], 0)
                        self.assertIsNotNone(report["cpu"]["service_s"], "the service runs here")
                        self.assertEqual((append, "events", True),
                                         (report["load"]["append"], report["log"], report["log_kept"]))
                        head += 1000 + 2  # each producer's end is told
                        self.assertEqual(head, self.head())
        self.assert_verified_alone(12_000)

    def test_its_own_log_is_gone_afterwards_and_events_is_untouched(self):
        self.serve()
        report = self.bench("--count=500", "--warmup_s=0")
        self.assert_sound(report)
        self.assertRegex(report["log"], "^bench-")
        self.assertFalse(report["log_kept"])
        self.assertEqual((["events"], 0), (self.logs(), self.head()))
        kept = self.bench("--count=500", "--warmup_s=0", "--keep_log")
        self.assertEqual(["events", kept["log"]], sorted(self.logs(), reverse=True))

    def test_warm_up_is_verified_and_not_measured(self):
        self.serve()
        report = self.bench("--rate_per_s=1000", "--warmup_s=1", "--duration_s=1")
        self.assert_sound(report)
        self.assertEqual((2000, 1000, 2000), (report["sent"], report["append_latency_us"]["count"],
                                              report["schedule"]["due"]))

    def test_service_that_is_killed_loses_nothing_of_the_client_library(self):
        self.serve()
        bench = self.start_bench("--log=events", "--rate_per_s=2000", "--count=8000", "--warmup_s=0", "--producers=2",
                                 "--subscribers=1")
        for least in (1500, 3500):
            wait_until(lambda: self.head() >= least, "the load goes on")
            self.log.kill()
            self.log.start()
        report = self.report_of(bench)
        self.assert_sound(report)
        self.assertEqual((8000, 8000, {}), (report["sent"], report["acknowledged"], report["errors"]))
        self.assertEqual((8000, 0), (report["subscribers"]["delivered"], report["subscribers"]["behind"]))
        self.assertGreaterEqual(report["connections"], 2 * 3, "each producer came back twice")
        self.assertEqual(8000, report["append_latency_us"]["count"])
        self.assertIsNone(report["cpu"]["service_s"], "it is another process now")
        self.assert_verified_alone(8000)

    def assert_verified_alone(self, expected):
        result = self.verify_only()
        self.assertEqual(f"every event came back unchanged: {expected} of {expected}", result["text"])
        return result

    def verify_only(self, code=DONE):
        command = [program("producers/cli/eventlog"), f"--server={self.log.grpc}", "bench", "--verify_only",
                   "--log=events", "--timeout_s=60"]
        result = subprocess.run(command, capture_output=True, text=True, timeout=240, env={})
        self.assertEqual(code, result.returncode, result.stdout + result.stderr)
        return json.loads(result.stdout)["verification"]

    def test_without_the_client_library_what_a_killed_service_did_not_answer_is_told(self):
        self.serve()
        for append in ("stream", "unary"):
            before = self.head()
            bench = self.start_bench("--log=events", f"--append={append}", "--rate_per_s=1000", "--count=3000",
                                     "--warmup_s=0")
            wait_until(lambda: self.head() >= before + 1000, "the load goes on")
            self.log.kill()
            end = time.monotonic() + 0.5
            wait_until(lambda: time.monotonic() > end, "events were due while there was no service")
            self.log.start()
            report = self.report_of(bench)
            self.assert_sound(report)
            self.assertEqual(3000, report["sent"])
            self.assertGreater(report["unacknowledged"], 0)
        self.verify_only()

    def test_stopped_service_shows_in_every_event_that_was_due_meanwhile(self):
        self.serve()
        bench = self.start_bench("--log=events", "--rate_per_s=1000", "--count=5000", "--warmup_s=0")
        wait_until(lambda: self.head() >= 1000, "the load goes on")
        self.log.child.signal(signal.SIGSTOP)
        end = time.monotonic() + 2
        wait_until(lambda: time.monotonic() > end, "it was stopped for 2 s")
        self.log.child.signal(signal.SIGCONT)
        report = self.report_of(bench)
        self.assert_sound(report)
        latency = report["append_latency_us"]
        self.assertEqual((5000, 5000), (latency["count"], report["schedule"]["due"]), "none is left out")
        # Of the 2,000 and more that were due while it stood, those of its first second waited for another one.
        self.assertGreaterEqual(latency["over_1000_ms"], 950)
        self.assertGreaterEqual(latency["over_100_ms"], 1850)

    def test_trimmed_events_are_missed_with_their_offsets(self):
        self.serve()
        bench = self.start_bench("--log=events", "--rate_per_s=1000", "--count=3000", "--warmup_s=0")
        wait_until(lambda: self.head() >= 1000, "the load goes on")
        self.assertEqual(700, LogClient(self.log.grpc).trim(700))
        verification = self.report_of(bench, FAULTS_FOUND)["verification"]
        self.assertEqual((700, 2300, 3000), (verification["missing"], verification["unchanged"],
                                             verification["expected"]))
        self.assertEqual("NOT every event came back unchanged: 2300 of 3000; 700 missing", verification["text"])
        self.assertEqual([{"fault": "missing", "text": "offsets 0 to 699: 700 acknowledged, not there: "
                                                       "GAP_REASON_TRIMMED"}], verification["findings"])
        alone = self.verify_only(FAULTS_FOUND)
        self.assertEqual((700, 2300), (alone["missing"], alone["unchanged"]))
        self.assertIn("events 0 to 699 not there", alone["findings"][0]["text"])

    def test_damaged_byte_of_the_disk_is_found(self):
        self.serve("--segment_bytes=65536")
        self.assert_sound(self.bench("--log=events", "--count=2000", "--warmup_s=0", "--outstanding=20"))
        self.assert_verified_alone(2000)
        self.assertEqual(0, self.log.stop())
        segment = os.path.join(self.log.data_dir, "logs/events/00000000000000000000.log")
        with open(segment, "r+b") as file:
            file.seek(20_000)
            byte = file.read(1)
            file.seek(20_000)
            file.write(bytes([byte[0] ^ 1]))
        self.log.start()
        verification = self.verify_only(FAULTS_FOUND)
        self.assertFalse(verification["sound"])
        self.assertGreater(verification["missing"], 0)
        self.assertEqual(2000, verification["unchanged"] + verification["missing"])
        self.assertIn("GAP_REASON_CORRUPT", verification["findings"][0]["text"])

    def test_events_of_others_are_told(self):
        self.serve()
        bench = self.start_bench("--log=events", "--rate_per_s=500", "--count=1000", "--warmup_s=0")
        wait_until(lambda: self.head() >= 100, "the load goes on")
        LogClient(self.log.grpc).append([text_event("session.created", "{}")])
        verification = self.report_of(bench)["verification"]
        self.assertEqual((True, 1, 1000), (verification["sound"], verification["foreign"], verification["unchanged"]))

    def test_interrupted_run_is_verified_and_reported(self):
        self.serve()
        bench = self.start_bench("--duration_s=3600", "--rate_per_s=500")
        wait_until(lambda: len(self.logs()) == 2 and self.log.stats()["messages"] >= 200, "the load goes on")
        bench.signal(signal.SIGINT)
        report = self.report_of(bench)
        self.assert_sound(report)
        self.assertTrue(report["interrupted"])
        self.assertGreaterEqual(report["acknowledged"], 200)
        self.assertIn("ended early by a signal", bench.err())
        self.assertEqual(["events"], self.logs())

    def test_service_that_is_away_is_not_reached(self):
        address = fixed_address()
        result = subprocess.run([program("producers/cli/eventlog"), f"--server={address}", "bench", "--timeout_s=1"],
                                capture_output=True, text=True, timeout=120, env={})
        self.assertEqual((NOT_REACHED, ""), (result.returncode, result.stdout), result.stderr)
        self.assertIn(f"{address} was not reached", result.stderr)

    def test_terminal_gets_progress_and_a_readable_report(self):
        self.serve()
        master, slave = pty.openpty()
        command = [program("producers/cli/eventlog"), f"--server={self.log.grpc}", "bench", "--rate_per_s=500",
                   "--duration_s=1", "--warmup_s=1"]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=slave, stderr=slave, env={"TERM": "xterm"})
        os.close(slave)
        text = read_all(master)
        os.close(master)
        self.assertEqual(DONE, process.wait(60), text)
        for words in ("warm-up: ", "load: ", " sent, ", "open loop, 500 events/s", "p99.9", "schedule ",
                      "every event came back unchanged: 1000 of 1000", "made for this run and deleted"):
            self.assertIn(words, text)

    def test_help_names_the_flags_and_wrong_ones_are_refused(self):
        def run(*arguments):
            return subprocess.run([program("producers/cli/eventlog"), "bench", *arguments], capture_output=True,
                                  text=True, timeout=120, env={})
        helped = run("--help")
        self.assertEqual(DONE, helped.returncode)
        self.assertEqual(list(FLAGS), re.findall(r"^ +(?:-\w, )?--([\w-]+)", helped.stdout, re.MULTILINE)[:len(FLAGS)])
        for flags, words in ((("--rate_per_s=5", "--outstanding=5"), "one of --rate_per_s and --outstanding"),
                             (("--payload_bytes=many",), "--payload_bytes=many: right is"),
                             (("--verify_only",), "--verify_only needs --log"), (("now",), "now")):
            result = run(*flags)
            self.assertEqual((WRONG_COMMAND_LINE, ""), (result.returncode, result.stdout), flags)
            self.assertIn(words, result.stderr)


def read_all(terminal):
    """Until the other side is closed, which a terminal tells as an error."""
    text = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:
            return text.decode()
        if not part:
            return text.decode()
        text += part


if __name__ == "__main__":
    unittest.main()
