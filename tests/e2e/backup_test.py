#!/usr/bin/python3
"""eventlog-admin against real services: a backup under load, what is restored from it, and what is refused."""

import concurrent.futures
import os
import re
import signal
import subprocess
import sys
import threading
import unittest

import grpc

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from batch_producer import BatchProducer  # noqa: E402
from log_client import LogClient, message, text_event  # noqa: E402
from processes import ProcessTest, program  # noqa: E402
from services import EventLogService  # noqa: E402
from waiting import PATIENCE_S, wait_until  # noqa: E402

# As --help says.
SOUND, DAMAGED, WRONG_COMMAND_LINE, NOT_DONE = 0, 1, 2, 3
SMALL_SEGMENTS = ("--segment_bytes=65536",)
ADMIN = "eventlog-svc/tool/eventlog-admin"


def call(address, method, request, response):
    """One unary call of a service that the harness' own client does not know."""
    with grpc.insecure_channel(address) as channel:
        return channel.unary_unary(f"/eventlog.v1.{method}", request_serializer=type(request).SerializeToString,
                                   response_deserializer=message(response).FromString)(request, timeout=PATIENCE_S)


def names_in(folder):
    return sorted(os.listdir(folder)) if os.path.isdir(folder) else []


class HeldBackup:
    """Stands before a service: streams its backup to the last message, and then waits to be told how to end."""

    def __init__(self, address):
        self.is_held, self.end = threading.Event(), threading.Event()
        self._channel = grpc.insecure_channel(address)
        handler = grpc.method_handlers_generic_handler(
            "eventlog.v1.LogAdmin", {"BackupLog": grpc.unary_stream_rpc_method_handler(self._backup)})
        self._server = grpc.server(concurrent.futures.ThreadPoolExecutor(2), handlers=[handler])
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def _backup(self, request, _):
        for part in self._channel.unary_stream("/eventlog.v1.LogAdmin/BackupLog")(request, timeout=PATIENCE_S):
            if message("BackupLogResponse").FromString(part).WhichOneof("message") == "end":
                self.is_held.set()
                self.end.wait(PATIENCE_S)
                return
            yield part

    def close(self):
        self.end.set()
        self._server.stop(0).wait()
        self._channel.close()


class BackupTest(ProcessTest):
    def admin(self, command, *flags, code=SOUND, words=(), env=None):
        result = subprocess.run([program(ADMIN), command, *flags], capture_output=True, text=True, timeout=300,
                                env=env or {})
        self.assertEqual(code, result.returncode, result.stdout + result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)
        return result.stdout

    def backup(self, service, *flags, **expected):
        return self.admin("backup", f"--server={service.grpc}", f"--to={self.path('backup')}", *flags, **expected)

    def restore(self, name, *flags, source="backup", **expected):
        return self.admin("restore", f"--from={self.path(source)}", f"--data_dir={self.path(name)}", *flags,
                          **expected)

    def path(self, name):
        return os.path.join(self.folder, name)

    def serve(self, name, flags=SMALL_SEGMENTS):
        return EventLogService(self, flags, data_dir=self.path(name), name=name)

    def serve_with_events(self, name, count):
        service = self.serve(name)
        client = LogClient(service.grpc)
        for first in range(0, count, 100):
            events = [text_event("made", '{"n":%d,"padding":"%s"}' % (n, "x" * 200)) for n in range(first, first + 100)]
            client.append(events, timeout_s=PATIENCE_S)
        client.close()
        return service

    def assert_holds(self, client, producer, acknowledged):
        """Each of its batches is whole; those that were acknowledged are there once, at their offsets."""
        found = {}
        for record in client.read_from():
            if record.event.subject == producer.subject:
                found.setdefault(int(record.event.attributes["batch"]), []).append(record)
        self.assertEqual(list(range(len(found))), sorted(found), "a batch is missing")
        self.assertGreaterEqual(len(found), len(acknowledged))
        for number, records in found.items():
            self.assertEqual([str(n) for n in range(producer.sizes[number])],
                             [record.event.attributes["index"] for record in records], "half a batch, or one twice")
            if number < len(acknowledged):
                self.assertEqual(list(range(acknowledged[number], acknowledged[number] + len(records))),
                                 [record.offset for record in records])

    def assert_repeat_is_known(self, client, producer, number, first_offset):
        events = [text_event("batch.item", "{}", producer.subject) for _ in range(producer.sizes[number])]
        reply = client.append(events, (producer.subject, 0, sum(producer.sizes[:number])), timeout_s=PATIENCE_S)
        self.assertEqual((True, first_offset), (reply.duplicate, reply.first_offset))

    def test_backup_under_load_is_restored(self):
        service = self.serve("data")
        producers = [BatchProducer(service.grpc, f"producer-{n}") for n in range(3)]
        wait_until(lambda: min(len(producer.acknowledged) for producer in producers) >= 60, "the log has some events")
        place = producers[0].acknowledged[40]
        call(service.grpc, "Cursors/CommitCursor",
             message("CommitCursorRequest")(cursor="reader", next_offset=place), "Cursor")
        before = [list(producer.acknowledged) for producer in producers]
        printed = self.backup(service)
        after = [len(producer.acknowledged) for producer in producers]
        wait_until(lambda: all(len(producer.acknowledged) > count for producer, count in zip(producers, after)),
                   "the load goes on behind the backup")
        for producer in producers:
            producer.stop()
        epoch = LogClient(service.grpc).stats_once().epoch
        self.assertIn(f"log=events epoch={epoch} ", printed)
        self.assertEqual(0, service.stop())
        self.assertIn("damaged_segments=0 lost_records=0", self.admin("verify", f"--data_dir={self.path('backup')}"))
        self.assertGreater(len(names_in(self.path("backup/logs/events"))), 3, "several segments, and the mark")

        self.restore("restored")
        restored = self.serve("restored")
        client = LogClient(restored.grpc)
        for producer, acknowledged in zip(producers, before):
            self.assert_holds(client, producer, acknowledged)
            self.assert_repeat_is_known(client, producer, len(acknowledged) - 1, acknowledged[-1])
        cursor = call(restored.grpc, "Cursors/GetCursor", message("GetCursorRequest")(cursor="reader"), "Cursor")
        self.assertEqual(place, cursor.next_offset)
        self.assertNotEqual(epoch, client.stats_once().epoch)
        head = client.stats_once().head_offset
        self.assertEqual(head, client.append([text_event("more", "1")], timeout_s=PATIENCE_S).first_offset)
        self.restore("restored", code=NOT_DONE, words=["is in use", "stop the service first"])
        self.restore("elsewhere", source="restored", code=NOT_DONE, words=["is in use"])
        for command in ("verify", "dump"):
            self.admin(command, f"--data_dir={self.path('restored')}", code=NOT_DONE, words=["is in use"])
        self.assertEqual(0, restored.stop())
        self.restore("restored", code=NOT_DONE, words=["LOG_EXISTS", self.path("restored/logs/events"), " out of "])
        # As `bazel run` starts it: in a folder of its own.
        self.admin("verify", "--data_dir=restored", env={"BUILD_WORKING_DIRECTORY": self.folder})
        self.assertIn(f" next_offset={head + 1} ", self.admin("verify", f"--data_dir={self.path('restored')}"))

    def test_moved_log_keeps_its_epoch(self):
        service = self.serve_with_events("data", 1000)
        epoch = LogClient(service.grpc).stats_once().epoch
        self.assertEqual(0, service.stop())
        self.restore("moved", "--keep_epoch", source="data")
        moved = LogClient(self.serve("moved").grpc)
        self.assertEqual((epoch, 1000), (moved.stats_once().epoch, len(moved.read_from())))

    def test_all_logs_or_one_are_backed_up_and_restored(self):
        service = self.serve_with_events("data", 500)
        orders = message("CreateLogRequest")()
        orders.log.log = "orders"
        call(service.grpc, "LogAdmin/CreateLog", orders, "Log")
        self.backup(service, "--log=orders")
        self.backup(service, code=NOT_DONE, words=["LOG_EXISTS", "orders"])
        self.assertEqual(["orders"], names_in(self.path("backup/logs")), "nothing is begun that cannot be done")
        self.backup(service, "--log=events")
        self.backup(service, "--log=nowhere", code=NOT_DONE, words=["LOG_NOT_FOUND"])
        self.assertEqual(["events", "orders"], names_in(self.path("backup/logs")))
        printed = self.admin("verify", f"--data_dir={self.path('backup')}")
        self.assertEqual([("events", "500"), ("orders", "0")],
                         re.findall(r"^log=(\S+) segments=\d+ records=(\d+) ", printed, re.MULTILINE))
        self.restore("one", "--log=orders")
        self.assertEqual(["orders"], names_in(self.path("one/logs")))
        self.restore("all")
        self.assertEqual(["events", "orders"], names_in(self.path("all/logs")))
        self.assertEqual(500, len(LogClient(self.serve("all").grpc).read_from()))

    def test_backup_that_is_killed_leaves_nothing_to_restore(self):
        service = self.serve_with_events("data", 2000)
        held = HeldBackup(service.grpc)
        command = [program(ADMIN), "backup", f"--server={held.address}", f"--to={self.path('backup')}", "--log=events"]
        child = self.start("backup", command, env={})
        logs = self.path("backup/logs")
        unfinished = os.path.join(logs, ".events.unfinished")
        wait_until(lambda: held.is_held.is_set() and len(names_in(unfinished)) > 3, "all has come but the end")
        self.backup(service, code=NOT_DONE, words=["is in use"])
        child.signal(signal.SIGKILL)
        child.wait()
        held.close()
        self.assertEqual([".events.unfinished"], names_in(logs))
        self.restore("restored", code=NOT_DONE, words=["there is no log"])
        self.restore("restored", "--log=events", code=NOT_DONE)
        self.admin("verify", f"--data_dir={self.path('backup')}", code=NOT_DONE, words=["there is no log"])
        self.assertEqual([], names_in(self.path("restored/logs")))
        self.backup(service)
        self.assertEqual(["events"], names_in(logs))
        self.assertIn(" records=2000 ", self.admin("verify", f"--data_dir={self.path('backup')}"))

    def test_backup_whose_stream_ends_too_early_leaves_nothing(self):
        service = self.serve_with_events("data", 500)
        held = HeldBackup(service.grpc)
        held.end.set()
        self.admin("backup", f"--server={held.address}", f"--to={self.path('backup')}", "--log=events", code=NOT_DONE,
                   words=["ended before all of it had come"])
        held.close()
        self.assertEqual([], names_in(self.path("backup/logs")))

    def test_damage_is_said_and_kept(self):
        service = self.serve_with_events("data", 1000)
        self.backup(service)
        self.assertEqual(0, service.stop())
        segment = self.path("backup/logs/events/00000000000000000000.log")
        with open(segment, "r+b") as file:
            file.seek(20_000)
            byte = file.read(1)
            file.seek(20_000)
            file.write(bytes([byte[0] ^ 1]))
        lost = ["00000000000000000000.log", "DAMAGED", "lost: offsets 0 to 99"]
        printed = [self.admin("verify", f"--data_dir={self.path('backup')}", code=DAMAGED),
                   self.restore("restored", code=DAMAGED)]
        damaged = self.serve("restored")
        printed.append(self.admin("backup", f"--server={damaged.grpc}", f"--to={self.path('again')}", code=DAMAGED))
        for text in printed:
            for word in lost:
                self.assertIn(word, text)
        self.assertEqual(["events"], names_in(self.path("again/logs")))

    def test_command_line(self):
        helped = self.admin("--help")
        for word in ("verify ", "dump ", "backup ", "restore ", "Examples:", "Exit codes: 0 done and sound", "--to",
                     "--from", "--keep_epoch"):
            self.assertIn(word, helped)
        for flags, words in ((("remove",), '"remove" is no command'), (("backup",), "--to is missing"),
                             (("restore", "--data_dir=x"), "--from is missing"),
                             (("restore", "--from=x"), "--data_dir is missing"), (("verify",), "--data_dir is missing"),
                             (("verify", "--data_dir=x", "--log=../x"), "../x")):
            self.admin(*flags, code=WRONG_COMMAND_LINE, words=[words])
    def test_flag_of_another_command_is_refused(self):
        own = {"verify": "--data_dir and --log", "dump": "--data_dir and --log", "backup": "--server, --to and --log",
               "restore": "--from, --data_dir, --log and --keep_epoch"}
        for command, flag in (("verify", "--keep_epoch"), ("verify", "--to=x"), ("dump", "--server=127.0.0.1:1"),
                              ("backup", "--data_dir=y"), ("backup", "--nokeep_epoch"), ("restore", "--to=x"),
                              ("verify", "-from=x")):
            name = flag.lstrip("-").split("=")[0].replace("nokeep", "keep")
            self.admin(command, "--log=a", flag, code=WRONG_COMMAND_LINE,
                       words=[f"{command} takes no --{name}; right is {own[command]}; see --help"])

    def test_wrong_folder_is_named_with_its_flag_and_no_file_is_left(self):
        with open(self.path("file"), "w", encoding="utf-8"):
            pass
        os.makedirs(self.path("empty"))
        nowhere, file, empty, new = (self.path(name) for name in ("nowhere", "file", "empty", "new"))
        for arguments, words in (
                (("verify", f"--data_dir={nowhere}"), f"--data_dir={nowhere}: there is no such folder"),
                (("dump", f"--data_dir={file}"), f"--data_dir={file}: it is not a folder"),
                (("verify", f"--data_dir={empty}"), f"--data_dir={empty}: there is no log in it"),
                (("restore", f"--from={nowhere}", f"--data_dir={new}"), f"--from={nowhere}: there is no such folder"),
                (("restore", f"--from={empty}", f"--data_dir={new}"), f"--from={empty}: there is no log in it"),
                (("backup", "--server=127.0.0.1:1", f"--to={file}"), f"--to={file}: it is not a folder"),
                (("backup", "--server=127.0.0.1:1", f"--to={new}"), "127.0.0.1:1"),
                (("backup", "--server=127.0.0.1:1", "--to=/proc/eventlog"), "--to=/proc/eventlog: cannot create")):
            with self.subTest(arguments=arguments):
                self.assertNotIn("STORAGE_FAILED", self.refusal(*arguments, words=words))
                self.assertEqual([], names_in(empty))
                self.assertFalse(os.path.exists(new))

    def refusal(self, command, *flags, words):
        result = subprocess.run([program(ADMIN), command, *flags], capture_output=True, text=True, timeout=300, env={})
        self.assertEqual((NOT_DONE, ""), (result.returncode, result.stdout), result.stderr)
        self.assertIn(words, result.stderr)
        return result.stderr

    def test_what_could_not_be_printed_is_no_success(self):
        self.serve_with_events("data", 100).stop()
        for command in ("verify", "dump"):
            with open("/dev/full", "wb") as full:
                result = subprocess.run([program(ADMIN), command, f"--data_dir={self.path('data')}"], stdout=full,
                                        stderr=subprocess.PIPE, text=True, timeout=300, env={})
            self.assertEqual(NOT_DONE, result.returncode, result.stderr)
            self.assertIn("standard output could not be written", result.stderr)

    def test_a_reader_that_has_enough_is_no_failure(self):
        self.serve_with_events("data", 1_000).stop()
        script = 'trap "" PIPE; set -o pipefail; "$@" | head -1'
        dump = [program(ADMIN), "dump", f"--data_dir={self.path('data')}"]
        result = subprocess.run(["bash", "-c", script, "bash", *dump], capture_output=True, text=True, timeout=300,
                                env={"PATH": "/usr/bin:/bin"}, check=False)
        self.assertEqual((SOUND, ""), (result.returncode, result.stderr))

    def test_a_copy_that_is_whole_is_done_also_where_nobody_is_told(self):
        service = self.serve_with_events("data", 100)
        with open("/dev/full", "wb") as full:
            result = subprocess.run([program(ADMIN), "backup", f"--server={service.grpc}", f"--to={self.path('copy')}"],
                                    stdout=full, timeout=300, env={}, check=False)
        self.assertEqual(SOUND, result.returncode)
        self.admin("verify", f"--data_dir={self.path('copy')}")

    def test_backup_asks_the_service_of_the_environment_where_no_flag_names_one(self):
        service = self.serve_with_events("data", 100)
        self.admin("backup", f"--to={self.path('one')}", env={"EVENTLOG_SERVER": service.grpc})
        self.admin("backup", f"--to={self.path('two')}", f"--server={service.grpc}",
                   env={"EVENTLOG_SERVER": "127.0.0.1:1"})
        self.assertEqual(["events"], names_in(self.path("one/logs")))
        self.assertEqual(["events"], names_in(self.path("two/logs")))


if __name__ == "__main__":
    unittest.main()
