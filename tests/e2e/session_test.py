#!/usr/bin/python3
"""What `session run` tells the log: on a real firehose, in order, once; also when it or the log is killed."""

import json
import os
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from firehose import FirehoseClient  # noqa: E402
from log_client import LogClient  # noqa: E402
from processes import ProcessTest, is_alive, program  # noqa: E402
from services import EventLogService, GatewayService  # noqa: E402
from spools import wait_for_spool_senders  # noqa: E402
from terminal import Terminal  # noqa: E402
from waiting import wait_until  # noqa: E402

EVENTLOG = program("producers/cli/eventlog")
SESSION = program("producers/session/session")
LIFE = ["client.connected", "session.created", "session.removed", "client.disconnected"]


class TypedClient(FirehoseClient):
    """Keeps events whole."""

    def _take(self, text):
        message = json.loads(text)
        if message["type"] == "events":
            self.events += message["events"]
            self.cursor = message["cursor"]
        else:
            super()._take(text)

    def types(self):
        return [event["type"] for event in self.events]


class SessionTest(ProcessTest):
    def setUp(self):
        super().setUp()
        self.log = EventLogService(self)
        self.spools = os.path.join(self.folder, "spool")
        self.sessions = os.path.join(self.folder, "sessions")
        self.env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": self.folder, "LANG": "C.UTF-8",
                    "EVENTLOG_SERVER": self.log.grpc, "EVENTLOG_SPOOL_DIR": self.spools,
                    "EVENTLOG_SESSION_DIR": self.sessions, "EVENTLOG_SPOOL_LINGER_MS": "100"}
        self.addCleanup(wait_for_spool_senders, self.spools)

    def run_session(self, *words, flags=(), **options):
        return subprocess.run([SESSION, "run", *flags, "--", *words], env=self.env, capture_output=True, timeout=60,
                              check=False, **options)

    def records(self, count):
        """The events of the log, once there are so many; not more."""
        client = LogClient(self.log.grpc)
        self.addCleanup(client.close)
        wait_until(lambda: self.log.stats()["messages"] >= count,
                   lambda: f"{count} events: {[r.event.type for r in client.read_from()]}")
        wait_for_spool_senders(self.spools)
        records = client.read_from()
        self.assertEqual(count, len(records), [record.event.type for record in records])
        return records

    def types(self, count):
        return [record.event.type for record in self.records(count)]

    def entries(self):
        return [name for name in os.listdir(self.sessions) if name.endswith(".json")]

    def test_the_sequence_of_a_session_on_the_firehose(self):
        gateway = GatewayService(self, self.log)
        everything = TypedClient(gateway.url, cursor="earliest")
        everything.wait_hello()
        ready = os.path.join(self.folder, "id")
        go = os.path.join(self.folder, "go")
        script = f'echo "$EVENTLOG_SESSION_ID" > {ready}.new; mv {ready}.new {ready}; ' \
                 f'until test -e {go}; do :; done; ' \
                 f"""echo '{{"hook_event_name":"PreToolUse","session_id":"a1"}}' | {EVENTLOG} hook --strict"""
        other = self.run_session("true")
        self.assertEqual(0, other.returncode)
        self.records(4)
        child = self.start("session", [SESSION, "run", "--name=n", "--", "sh", "-c", script], env=self.env)
        wait_until(lambda: os.path.exists(ready), "the command runs")
        with open(ready, encoding="ascii") as file:
            session_id = file.read().strip()
        own = TypedClient(gateway.url, cursor="earliest", type="session.*", subject=session_id)
        wait_until(lambda: len(everything.events) == 6, "the session has begun")
        with open(go, "w", encoding="ascii"):
            pass
        self.assertEqual(0, child.wait())
        everything.wait_events(9)
        of_it = [event for event in everything.events if event["subject"] == session_id]
        self.assertEqual([*LIFE[:2], "hook.pre_tool_use", *LIFE[2:]], [event["type"] for event in of_it])
        self.assertEqual("a1", of_it[2]["attributes"]["agent_session_id"])
        self.assertEqual("n", of_it[1]["data"]["name"])
        self.assertEqual(["sh", "-c", script], of_it[1]["data"]["command"])
        self.assertEqual({"session_id": session_id, "reason": "REMOVAL_REASON_EXITED", "exit_code": 0},
                         of_it[3]["data"])
        own.wait_events(2)
        self.assertEqual(["session.created", "session.removed"], own.types())
        self.assertEqual({session_id}, {event["subject"] for event in own.events})
        own.stop()
        everything.stop()
        self.assertEqual([], self.entries())

    def test_how_a_command_ends_is_said(self):
        for command, expected in ((["sh", "-c", "exit 7"], {"reason": "REMOVAL_REASON_EXITED", "exit_code": 7}),
                                  (["sh", "-c", "kill -SEGV $$"],
                                   {"reason": "REMOVAL_REASON_CRASHED", "signal": "SIGSEGV"}),
                                  (["no-such-command"], {"reason": "REMOVAL_REASON_START_FAILED"})):
            before = self.log.stats()["messages"]
            self.run_session(*command)
            created = 0 if command == ["no-such-command"] else 1
            said = [json.loads(record.event.text) for record in self.records(before + 3 + created)
                    if record.event.type == "session.removed"][-1]
            said.pop("session_id")
            said.pop("core_dumped", None)
            self.assertEqual(expected, said)
        self.assertEqual([], self.entries())

    def test_a_stop_and_a_continuation_are_said_when_they_happen(self):
        shell = Terminal(self, ["bash", "--norc", "--noprofile", "-i"], env={**self.env, "PS1": "$ "})
        shell.wait_for("$")
        shell.type(f"{SESSION} run -- sh -c 'echo rea''dy; exec cat'\r")
        shell.wait_for("ready")
        shell.type("\x1a")
        shell.wait_for("Stopped")
        stopped = self.records(3)[-1].event
        self.assertEqual("session.state_changed", stopped.type)
        self.assertEqual("SESSION_STATE_STOPPED", json.loads(stopped.text)["new_state"])
        shell.type("fg\r")
        running = self.records(4)[-1].event
        self.assertEqual("SESSION_STATE_RUNNING", json.loads(running.text)["new_state"])
        shell.type("\x04")
        self.assertEqual([*LIFE[:2], "session.state_changed", "session.state_changed", *LIFE[2:]], self.types(6))
        shell.type("exit\r")
        shell.wait()

    def test_output_is_told_where_it_is_asked_for(self):
        script = "printf 'gr\\303\\274n \\377\\n'; head -c 3000000 /dev/zero | tr '\\0' x"
        terminal = Terminal(self, [SESSION, "run", "--output", "--output_bytes_per_second_max=1000", "--", "sh", "-c",
                                   script], env=self.env, drawing=False)
        self.assertEqual(0, terminal.wait())
        self.assertEqual(3_000_009, len(terminal.raw))
        wait_until(lambda: not self.entries(), "it has ended")
        chunks = self.chunks()
        self.assertTrue(chunks[0]["text"].startswith("grün \ufffd\r\n"), chunks[0]["text"][:20])
        # Every byte was told, or counted as left out.
        next_byte = 0
        for chunk in chunks:
            first = int(chunk.get("first_byte", 0))
            self.assertEqual(first, next_byte + int(chunk.get("bytes_left_out", 0)))
            text = chunk.get("text", "")
            next_byte = first + len(text.replace("\ufffd", "?").encode())
        self.assertEqual(3_000_009, next_byte)

    def chunks(self):
        """What was told of the output of the only session in the log, which has ended."""
        wait_for_spool_senders(self.spools)
        client = LogClient(self.log.grpc)
        self.addCleanup(client.close)
        events = [record.event for record in client.read_from()]
        chunks = [json.loads(event.text) for event in events if event.type == "session.output"]
        self.assertEqual([*LIFE[:2], *["session.output"] * len(chunks), *LIFE[2:]], [event.type for event in events])
        return chunks

    def output(self):
        """The text of each stream of that session, and how much of it was left out."""
        streams = {}
        for chunk in self.chunks():
            stream = streams.setdefault(chunk.get("stream", "").replace("OUTPUT_STREAM_", ""), ["", 0])
            stream[1] += int(chunk.get("bytes_left_out", 0))
            self.assertEqual(int(chunk.get("first_byte", 0)), len(stream[0].encode()) + stream[1])
            stream[0] += chunk.get("text", "")
        return streams

    def test_output_into_pipes_is_told_with_its_stream_and_into_one_as_one(self):
        script = "echo out; echo error >&2; printf 'gr\\303\\274n'; exit 7"
        done = self.run_session("sh", "-c", script, flags=["--output"])
        self.assertEqual((7, b"out\ngr\xc3\xbcn", b"error\n"), (done.returncode, done.stdout, done.stderr))
        self.assertEqual({"STDOUT": ["out\ngrün", 0], "STDERR": ["error\n", 0]}, self.output())

    def test_output_into_one_file_is_told_in_its_order(self):
        path = os.path.join(self.folder, "file")
        with open(path, "wb") as file:
            subprocess.run([SESSION, "run", "--output", "--", "sh", "-c", "echo o; echo e >&2; echo o; echo e >&2"],
                           env=self.env, stdout=file, stderr=file, stdin=subprocess.DEVNULL, timeout=60, check=True)
        with open(path, "rb") as file:
            self.assertEqual(b"o\ne\no\ne\n", file.read())
        self.assertEqual({"": ["o\ne\no\ne\n", 0]}, self.output())

    def test_much_output_while_the_log_hangs_is_not_noticed_and_told_or_counted(self):
        self.log.child.signal(signal.SIGSTOP)
        done = self.run_session("sh", "-c", "head -c 5000000 /dev/zero | tr '\\0' x; exit 5",
                                flags=["--output", "--output_bytes_per_second_max=100000"])
        self.assertEqual((5, b"x" * 5_000_000, b""), (done.returncode, done.stdout, done.stderr))
        self.log.child.signal(signal.SIGCONT)
        text, left_out = self.output()["STDOUT"]
        self.assertEqual(5_000_000, len(text) + left_out)
        self.assertGreaterEqual(len(text), 400_000)
        self.assertGreater(left_out, 0)

    def test_a_command_that_prints_nothing_is_idle_until_it_prints(self):
        terminal = Terminal(self, [SESSION, "run", "--idle_after_s=1", "--", "sh", "-c", "read line; exit 0"],
                            env=self.env)
        idle = json.loads(self.records(3)[-1].event.text)
        self.assertEqual(("SESSION_STATE_RUNNING", "SESSION_STATE_IDLE"), (idle["old_state"], idle["new_state"]))
        terminal.type("\r")
        self.assertEqual(0, terminal.wait())
        records = self.records(6)
        self.assertEqual([*LIFE[:2], "session.state_changed", "session.state_changed", *LIFE[2:]],
                         [record.event.type for record in records])
        running = json.loads(records[3].event.text)
        self.assertEqual(("SESSION_STATE_IDLE", "SESSION_STATE_RUNNING"), (running["old_state"], running["new_state"]))

    def test_a_log_that_is_away_is_not_noticed_and_gets_all_of_it_later(self):
        self.log.kill()
        for number in range(3):
            done = self.run_session("sh", "-c", f"echo out; exit {number}")
            self.assertEqual((number, b"out\n", b""), (done.returncode, done.stdout, done.stderr))
        self.log.start()
        self.assertEqual(LIFE * 3, self.types(12))

    def test_a_log_that_hangs_is_not_noticed(self):
        self.log.child.signal(signal.SIGSTOP)
        done = self.run_session("sh", "-c", "echo out; exit 5")
        self.assertEqual((5, b"out\n", b""), (done.returncode, done.stdout, done.stderr))
        self.log.child.signal(signal.SIGCONT)
        self.assertEqual(LIFE, self.types(4))

    def test_a_session_that_is_killed_is_repaired_by_the_next_start_once(self):
        script = "trap '' HUP; echo $$ > pid.new; mv pid.new pid; while :; do read line </dev/zero; done"
        terminal = Terminal(self, [SESSION, "run", "--", "sh", "-c", script], env=self.env, cwd=self.folder)
        pid_path = os.path.join(self.folder, "pid")
        wait_until(lambda: os.path.exists(pid_path), "the command runs")
        with open(pid_path, encoding="ascii") as file:
            command = int(file.read())
        self.records(2)
        terminal.process.kill()
        terminal.process.wait()
        self.assertTrue(is_alive(command), "it ignores that its terminal is gone")
        # Both at once; each has a command that lasts until the repair is done.
        wait = f"until ! test -e {self.sessions}/{self.entries()[0]}; do :; done"
        both = [self.start(f"session{i}", [SESSION, "run", "--", "sh", "-c", wait], env=self.env) for i in range(2)]
        self.assertEqual([0, 0], [child.wait() for child in both])
        self.assertFalse(is_alive(command))
        events = [record.event for record in self.records(12)]
        killed = events[0].subject
        of_it = [event for event in events if event.subject == killed]
        self.assertEqual([*LIFE[:2], "client.disconnected", "session.removed"], [event.type for event in of_it])
        self.assertEqual("DISCONNECT_REASON_LOST", json.loads(of_it[2].text)["reason"])
        self.assertEqual("REMOVAL_REASON_ORPHANED", json.loads(of_it[3].text)["reason"])
        self.assertEqual([], self.entries())

    def test_a_session_within_a_session_knows_its_parent(self):
        self.assertEqual(0, self.run_session(SESSION, "run", "--", "true").returncode)
        created = [r.event for r in self.records(8) if r.event.type == "session.created"]
        self.assertEqual(created[0].subject, created[1].attributes["parent_session_id"])
        self.assertNotIn("parent_session_id", created[0].attributes)


if __name__ == "__main__":
    unittest.main()
