#!/usr/bin/python3
"""The administration from the command line against the real service: logs, cursors, checks, backups, and questions."""

import concurrent.futures
import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import unittest

import grpc

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from batch_producer import BatchProducer  # noqa: E402
from log_client import LogClient, message, text_event  # noqa: E402
from processes import ProcessTest, fixed_address, program  # noqa: E402
from services import EventLogService  # noqa: E402
from waiting import PATIENCE_S, wait_until  # noqa: E402

# As each --help says.
DONE, REFUSED, WRONG_COMMAND_LINE, NOT_REACHED, DAMAGED = 0, 1, 2, 3, 4
EVENTLOG = "producers/cli/eventlog"
SEGMENT = "logs/events/00000000000000000000.log"


class ManyLogs:
    """LogAdmin.ListLogs of a service with so many logs, which real ones do not hold: pages of a hundred at most."""

    def __init__(self, count):
        self.names = [f"log-{n:03}" for n in range(count)]
        self.pages = 0
        handler = grpc.method_handlers_generic_handler("eventlog.v1.LogAdmin", {
            "ListLogs": grpc.unary_unary_rpc_method_handler(
                self._list, request_deserializer=message("ListLogsRequest").FromString,
                response_serializer=message("ListLogsResponse").SerializeToString)})
        self._server = grpc.server(concurrent.futures.ThreadPoolExecutor(2), handlers=[handler])
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def _list(self, request, _):
        self.pages += 1
        first = int(request.page_token or "0")
        last = min(first + min(request.page_size or 100, 100), len(self.names))
        return message("ListLogsResponse")(logs=[message("Log")(log=name) for name in self.names[first:last]],
                                           next_page_token=str(last) if last < len(self.names) else "")

    def close(self):
        self._server.stop(0).wait()


class Dialogue:
    """A command at a terminal of its own."""

    def __init__(self, *command):
        self._master, slave = pty.openpty()
        self._process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env={},
                                         start_new_session=True)
        os.close(slave)
        self._said = b""

    def await_text(self, text):
        while text not in self._said and self._read():
            pass
        if text not in self._said:
            raise AssertionError(f"{text} was not said: {self._said}")

    def answer(self, text):
        os.write(self._master, text)

    def end(self):
        """The exit code, and all that was said."""
        while self._read():
            pass
        os.close(self._master)
        return self._process.wait(PATIENCE_S), self._said.decode().replace("\r\n", "\n")

    def _read(self):
        if not select.select([self._master], [], [], PATIENCE_S)[0]:
            self._process.kill()
            raise AssertionError(f"nothing more is said: {self._said}")
        try:
            piece = os.read(self._master, 65536)
        except OSError:  # the other side is closed
            piece = b""
        self._said += piece
        return bool(piece)


class CliAdminTest(ProcessTest):
    def serve(self, name="data", flags=()):
        self.log = EventLogService(self, flags, data_dir=self.path(name), name=name)
        return self.log

    def path(self, name):
        return os.path.join(self.folder, name)

    def run_command(self, *words, server=None, env=None, cwd=None):
        return subprocess.run([program(EVENTLOG), f"--server={server or self.log.grpc}", *words],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, env=env or {},
                              cwd=cwd)

    def call(self, *words, code=DONE, **options):
        """What a command prints: the JSON value of each line. Nothing may stand on standard error."""
        result = self.run_command(*words, **options)
        self.assertEqual((code, ""), (result.returncode, result.stderr), result.stdout)
        return [json.loads(line) for line in result.stdout.splitlines()]

    def assert_refused(self, words, code, *texts, **options):
        result = self.run_command(*words, **options)
        self.assertEqual((code, ""), (result.returncode, result.stdout), result.stderr)
        for text in texts:
            self.assertIn(text, result.stderr)

    def append(self, count, log="events", padding=0):
        lines = "".join(json.dumps({"type": "made", "data": {"n": n, "x": "x" * padding}}) + "\n"
                        for n in range(count))
        result = subprocess.run([program(EVENTLOG), f"--server={self.log.grpc}", "append", "--stdin", f"--log={log}"],
                                input=lines, capture_output=True, text=True, timeout=300, env={})
        self.assertEqual(DONE, result.returncode, result.stderr)

    def flip_a_byte(self, path, position):
        with open(path, "r+b") as file:
            file.seek(position)
            byte = file.read(1)
            file.seek(position)
            file.write(bytes([byte[0] ^ 1]))

    def test_life_of_a_log(self):
        self.serve()
        made, = self.call("logs", "create", "orders", "--max_age=7d", "--max_bytes=10GiB", "--max_records=1000",
                          "--keep_for_cursors", "--max_event_bytes=64KiB", "--max_batch_bytes=1MiB",
                          "--default_durability=memory")
        retention = {"max_age_s": 604800, "max_bytes": 10 << 30, "max_records": 1000, "keep_for_cursors": True}
        self.assertEqual(("orders", retention, 65536, 1 << 20, "MEMORY", "embedded"), tuple(made[key] for key in (
            "log", "retention", "max_event_bytes", "max_batch_bytes", "default_durability", "engine")))
        self.assertEqual([made], self.call("logs", "get", "orders"))
        self.assertEqual(["events", "orders"], [log["log"] for log in self.call("logs", "list")])
        for flag, changes in (("--max_age=90s", {"max_age_s": 90}), ("--max_bytes=0", {"max_bytes": 0}),
                              ("--max_records=7", {"max_records": 7}),
                              ("--nokeep_for_cursors", {"keep_for_cursors": False}),
                              ("--keep_for_cursors", {"keep_for_cursors": True})):
            retention = {**retention, **changes}
            changed, = self.call("logs", "update", "orders", flag)
            self.assertEqual({**made, "retention": retention}, changed, flag)
        for flag, changes in (("--max_event_bytes=0", {"max_event_bytes": 0}),
                              ("--max_batch_bytes=512KiB", {"max_batch_bytes": 1 << 19}),
                              ("--default_durability=fsync", {"default_durability": "FSYNC"}),
                              ("--default_durability=best", {"default_durability": "UNSPECIFIED"})):
            before, = self.call("logs", "get", "orders")
            self.assertEqual([{**before, **changes}], self.call("logs", "update", "orders", flag), flag)
        self.log.kill()
        self.log.start()
        self.assertEqual([{**before, **changes}], self.call("logs", "get", "orders"), "it is kept")
        self.append(5, "orders")
        self.assertEqual([{"deleted": "orders"}], self.call("logs", "delete", "orders", "--yes"))
        self.assert_refused(("logs", "get", "orders"), REFUSED, "LOG_NOT_FOUND", "`eventlog logs list` names those")

    def test_the_oldest_are_trimmed(self):
        self.serve()
        self.append(10)
        for flag, start in (("--next_offset=2", 2), ("--before=1h", 2), ("--before=2026-01-02T03:04:05Z", 2),
                            ("--keep_last=100", 2), ("--keep_last=5", 5)):
            self.assertEqual([{"start_offset": start}], self.call("logs", "trim", "events", flag, "--yes"), flag)
        time = self.call("tail", "--from=7", "--count=1")[0]["time"]
        self.append(1)
        self.call("logs", "trim", "events", f"--before={time}", "--yes")
        start = self.call("stats")[0]["start_offset"]
        self.assertIn(start, range(5, 8), "no record as new as that one is gone")
        self.assertEqual([{"start_offset": 11}], self.call("logs", "trim", "events", "--before=now", "--yes"))
        self.assert_refused(("logs", "trim", "events", "--next_offset=12", "--yes"), REFUSED, "OFFSET_OUT_OF_RANGE",
                            "(head_offset=11, offset=12)", "`eventlog stats`")

    def test_life_of_a_cursor(self):
        self.serve()
        self.append(10)
        made, = self.call("cursors", "commit", "indexer", "--next_offset=4")
        self.assertEqual(("events", "indexer", 4, 0, 6), tuple(made[key] for key in (
            "log", "cursor", "next_offset", "generation", "lag_records")))
        self.assertGreater(made["lag_s"], 0)
        for to, offset in (("earliest", 0), ("latest", 10), ("tail:3", 7), ("5", 5), ("time:1h", 0), ("time:now", 10),
                           ("time:2026-01-02T03:04:05Z", 0)):
            placed, = self.call("cursors", "reset", "indexer", f"--to={to}")
            self.assertEqual((offset, 10 - offset), (placed["next_offset"], placed["lag_records"]), to)
        self.call("cursors", "reset", "größer \"x\"", "--to=latest")
        self.assertEqual(["größer \"x\"", "indexer"], [cursor["cursor"] for cursor in self.call("cursors", "list")])
        self.log.kill()
        self.log.start()
        self.assertEqual(0, self.call("cursors", "get", "indexer")[0]["next_offset"])
        self.assertEqual([{"deleted": "indexer"}], self.call("cursors", "delete", "indexer"))
        for words in (("get", "indexer"), ("delete", "indexer")):
            self.assert_refused(("cursors", *words), REFUSED, "CURSOR_NOT_FOUND", "`eventlog cursors list`")

    def test_a_cursor_that_is_held_is_fenced_and_a_reset_takes_it_away(self):
        self.serve()
        self.append(3)
        self.call("cursors", "reset", "indexer", "--to=earliest")
        client = LogClient(self.log.grpc)
        stream = client.subscribe(message("SubscribeRequest")(cursor="indexer"))
        generation = next(stream).started.generation
        self.assert_refused(("cursors", "commit", "indexer", "--next_offset=1"), REFUSED, "CURSOR_FENCED",
                            f"expected={generation}", "`eventlog cursors get`")
        self.assertEqual(1, self.call("cursors", "commit", "indexer", "--next_offset=1",
                                      f"--generation={generation}")[0]["next_offset"])
        self.call("cursors", "reset", "indexer", "--to=latest")
        endings = [answer.ending.reason for answer in stream if answer.HasField("ending")]
        self.assertEqual([2], endings, "ENDING_REASON_CURSOR_TAKEN")
        client.close()

    def test_a_log_deleted_under_a_reader(self):
        self.serve()
        self.call("logs", "create", "orders")
        self.append(3, "orders")
        tail = self.start("tail", [program(EVENTLOG), f"--server={self.log.grpc}", "tail", "--from=earliest",
                                   "--log=orders"], env={})
        wait_until(lambda: tail.out().count(b"\n") == 3, "it has read the log")
        self.call("logs", "delete", "orders", "--yes")
        self.assertEqual(REFUSED, tail.wait())
        self.assertIn("orders", tail.err())
        self.assert_refused(("verify", "--log=orders"), REFUSED, "LOG_NOT_FOUND")

    def test_errors_of_the_service(self):
        self.serve()
        self.call("logs", "create", "orders")
        long = "x" * 64
        for words, texts in (
                (("logs", "create", "orders"), ("LOG_EXISTS", "(log=orders)", "`eventlog logs update` changes it")),
                (("logs", "create", "Bad Name"), ("LOG_INVALID", "[a-z0-9_.-]")),
                (("logs", "create", long), ("LOG_INVALID", "right is 1 to 63")),
                (("logs", "create", "a", "--default_durability=replicated"), ("DURABILITY_UNSUPPORTED",)),
                (("logs", "create", "a", "--max_event_bytes=1GiB"), ("LOG_INVALID", "max_event_bytes")),
                (("logs", "update", "nowhere", "--max_age=1d"), ("LOG_NOT_FOUND",)),
                (("logs", "delete", "events", "--yes"), ("LOG_REQUIRED", "`eventlog logs trim`")),
                (("logs", "trim", "nowhere", "--before=1h", "--yes"), ("LOG_NOT_FOUND",)),
                (("cursors", "list", "--log=nowhere"), ("LOG_NOT_FOUND",)),
                (("cursors", "commit", "a", "--next_offset=1"), ("OFFSET_OUT_OF_RANGE", "head_offset=0")),
                (("cursors", "reset", "a", "--to=1"), ("OFFSET_OUT_OF_RANGE",)),
                (("cursors", "get", "x" * 256), ("CURSOR_INVALID", "right is 1 to 255"))):
            with self.subTest(words=words):
                self.assert_refused(words, REFUSED, f"eventlog {words[0]} {words[1]}: ", *texts)
        away = fixed_address()
        several = f"{away},{self.log.grpc}"
        self.assertEqual(2, len(self.call("logs", "list", server=several)), "the first that answers is asked")
        self.call("backup", f"--to={self.path('some')}", server=several)
        for words in (("logs", "list"), ("cursors", "list"), ("verify",), ("backup", f"--to={self.path('none')}")):
            self.assert_refused(words, NOT_REACHED, away, server=away)
        self.assertEqual(["events", "orders"], [log["log"] for log in self.call("logs", "list")], "nothing was made")

    def test_what_is_gone_for_good_is_asked_for_at_a_terminal(self):
        self.serve()
        self.append(5)
        self.call("logs", "create", "orders")
        for words in (("logs", "delete", "orders"), ("logs", "trim", "events", "--keep_last=1")):
            self.assert_refused(words, WRONG_COMMAND_LINE, "standard input is no terminal", "right is --yes")
            for answer in (b"n\n", b"\n", b"\x04", b"Y \x04\x04"):
                dialogue = Dialogue(program(EVENTLOG), f"--server={self.log.grpc}", *words)
                dialogue.await_text(b"[y/N] ")
                dialogue.answer(answer)
                code, said = dialogue.end()
                self.assertEqual(REFUSED, code, (words, answer, said))
                self.assertIn("nothing was changed", said)
        self.assertEqual(["events", "orders"], [log["log"] for log in self.call("logs", "list")])
        self.assertEqual(0, self.call("stats")[0]["start_offset"])
        for words, question, said_then in (
                (("logs", "trim", "events", "--keep_last=1"), b"before offset 4 from log", 'begins at offset 4\n'),
                (("logs", "delete", "orders"), b'"orders" for good (records: 0,', 'log "orders" is deleted\n')):
            dialogue = Dialogue(program(EVENTLOG), f"--server={self.log.grpc}", *words)
            dialogue.await_text(question)
            dialogue.answer(b"y\n")
            code, said = dialogue.end()
            self.assertEqual(DONE, code, said)
            self.assertIn(said_then, said)
        self.assertEqual(["events"], [log["log"] for log in self.call("logs", "list")])
        self.assertEqual(4, self.call("stats")[0]["start_offset"])

    def test_all_pages_of_a_list_are_printed(self):
        many = ManyLogs(250)
        self.addCleanup(many.close)
        self.assertEqual(many.names, [log["log"] for log in self.call("logs", "list", server=many.address)])
        self.assertEqual(3, many.pages)
        code, table = Dialogue(program(EVENTLOG), f"--server={many.address}", "logs", "list").end()
        self.assertEqual((DONE, ["LOG", *many.names]), (code, [line.split()[0] for line in table.splitlines()]))
        self.assertEqual(250, len(self.call("logs", "list", "--json", server=many.address)))

    def test_damage_is_found_in_a_service_and_in_a_folder(self):
        self.serve(flags=["--segment_bytes=65536"])
        for _ in range(2):
            self.append(200, padding=500)
        sound = self.call("verify")
        self.assertGreater(len(sound), 2, "several segments, and the whole")
        self.assertEqual([0] * len(sound), [len(line.get("segment", {}).get("gaps", [])) for line in sound])
        self.assertEqual(400, sound[-1]["summary"]["record_count"])
        self.flip_a_byte(os.path.join(self.path("data"), SEGMENT),
                         sound[0]["segment"]["byte_count"] - 10)
        online = self.call("verify", code=DAMAGED)
        lost = next(line["segment"]["gaps"][0] for line in online if line.get("segment", {}).get("gaps"))
        placed, = self.call("cursors", "reset", "indexer", f"--to=tail:{400 - lost['start_offset']}")
        self.assertEqual(lost["start_offset"], placed["next_offset"], "a place in a gap is not moved behind it")
        self.assertEqual(0, self.log.stop())
        offline = self.call("verify", f"--data_dir={self.path('data')}", code=DAMAGED)
        self.assertEqual(online[0]["segment"]["gaps"], offline[0]["segment"]["gaps"])
        for lines in (online, offline):
            self.assertEqual([1], [len(line["segment"]["gaps"]) for line in lines if "segment" in line
                                   and line["segment"]["gaps"]])
            self.assertEqual((1, "events"), (lines[-1]["summary"]["damaged_segment_count"], lines[-1]["log"]))
        code, said = Dialogue(program(EVENTLOG), "verify", f"--data_dir={self.path('data')}").end()
        self.assertEqual(DAMAGED, code)
        self.assertRegex(said, r"0\.log base_offset=0 .* DAMAGED\n  lost: offsets \d+ to \d+\n")
        dumped = self.call("dump", f"--data_dir={self.path('data')}")
        self.assertEqual([{key: lost[key] for key in ("start_offset", "next_offset")}],
                         [line["gap"] for line in dumped if "gap" in line])
        self.assertEqual([n for n in range(400) if n not in range(lost["start_offset"], lost["next_offset"])],
                         [line["offset"] for line in dumped if "offset" in line])
        self.assertEqual(1, len([line for line in dumped if "state" in line]))

    def test_a_backup_under_load_is_restored_and_read(self):
        self.serve(flags=["--segment_bytes=65536"])
        producer = BatchProducer(self.log.grpc, "producer")
        wait_until(lambda: len(producer.acknowledged) >= 50, "the log has some events")
        copied = self.call("backup", f"--to={self.path('backup')}")
        after = len(producer.acknowledged)
        wait_until(lambda: len(producer.acknowledged) > after, "the load goes on")
        producer.stop()
        self.assertEqual(0, self.log.stop())
        head = copied[0]["copy"]["next_offset"]
        self.assertGreaterEqual(head, producer.acknowledged[49])
        # As `bazel run` starts it: in a folder of its own.
        restored = self.call("restore", "--from=backup", "--data_dir=new", env={"BUILD_WORKING_DIRECTORY": self.folder},
                             cwd="/")
        self.assertEqual(self.path("new/logs/events"), restored[0]["copy"]["folder"])
        self.assert_refused(("restore", f"--from={self.path('backup')}", f"--data_dir={self.path('new')}"), NOT_REACHED,
                            "LOG_EXISTS")
        self.serve("new")
        self.assertEqual(list(range(head)), [event["offset"] for event in self.call(
            "tail", "--from=earliest", "--until-caught-up")])

    def test_without_the_program_that_reads_stored_logs_it_is_said_where_it_belongs(self):
        alone = self.path("bin")
        os.makedirs(alone)
        shutil.copy(program(EVENTLOG), alone)
        command = [os.path.join(alone, "eventlog"), "verify", f"--data_dir={self.path('data')}"]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, env={})
        self.assertEqual((NOT_REACHED, ""), (result.returncode, result.stdout))
        self.assertIn(f"eventlog-admin, which reads stored logs, is neither in {alone} nor in PATH; right is",
                      result.stderr)
        tool = os.path.dirname(program("eventlog-svc/tool/eventlog-admin"))
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, env={"PATH": f"/bin:{tool}"})
        self.assertIn("there is no such folder", result.stderr)
        os.symlink(program("eventlog-svc/tool/eventlog-admin"), os.path.join(alone, "eventlog-admin"))
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, env={})
        self.assertIn("there is no such folder", result.stderr)

    def test_people_read_tables(self):
        self.serve()
        self.append(2)
        self.call("cursors", "reset", "indexer", "--to=earliest")
        for words, pattern in ((("logs", "list"), r"^LOG +MAX_AGE .*\nevents +- +- +- +no +- +- +best +2"),
                               (("logs", "get", "events"), r"^log +events\n(.*\n)*max_age +-\n"),
                               (("cursors", "list"), r"^CURSOR +NEXT_OFFSET .*\nindexer +0 +2 +\d+\w+ +0 +2\d\d\d-"),
                               (("verify",), r"^0+\.log base_offset=0 next_offset=2 records=2 bytes=\d+ sound\n"
                                             r"log=events segments=1 .* damaged_segments=0 lost_records=0\n$")):
            code, said = Dialogue(program(EVENTLOG), f"--server={self.log.grpc}", *words).end()
            self.assertEqual(DONE, code, said)
            self.assertTrue(re.search(pattern, said), said)


if __name__ == "__main__":
    unittest.main()
