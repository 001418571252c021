#!/usr/bin/python3
"""Sessions that sessiond keeps, as people use them: attach, detach, several clients, slow ones, and their events."""

import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from processes import is_alive  # noqa: E402
from sessiond import DETACH, SESSION, SESSIOND, SessiondTest  # noqa: E402
from terminal import Terminal  # noqa: E402
from waiting import wait_until  # noqa: E402

SHELL = ("bash", "--norc", "--noprofile", "-i")


class SessiondAttachTest(SessiondTest):
    def test_the_running_screen_is_seen_and_typed_to_and_left_and_seen_again(self):
        self.sessiond()
        started = self.start_session(*SHELL, flags=["--name=shell"])
        first = self.attach("shell")
        first.wait_for("$")
        first.type("echo $((6*7)) $EVENTLOG_SESSION_ID\r")
        first.wait_for(f"42 {started['session_id']}")
        first.type(DETACH)
        self.assertEqual(0, first.wait())
        self.assertIn("detached", first.screen())
        self.assertEqual(first.settings_before, first.settings())
        self.assertEqual("running", self.sessions()[started["session_id"]]["status"])

        again = self.attach(started["session_id"][:12])
        again.wait_for(f"42 {started['session_id']}")
        again.type("exit 7\r")
        self.assertEqual(7, again.wait())
        self.assertEqual(again.settings_before, again.settings())
        self.assertEqual("exited 7", self.sessions()[started["session_id"]]["status"])
        self.wait_events(started["session_id"], [
            "session.created", "client.connected", "ownership.transferred", "client.disconnected DETACHED",
            "client.connected", "ownership.transferred", "session.removed EXITED 7",
            "client.disconnected SESSION_REMOVED"])
        created, connected = self.events(started["session_id"])[:2]
        self.assertEqual(("shell", list(SHELL), {"rows": 24, "columns": 80}),
                         (created.data["name"], created.data["command"], created.data["window_size"]))
        self.assertEqual({"rows": 24, "columns": 80}, connected.data["window_size"])
        self.assertEqual(first.process.pid, int(connected.data["pid"]))

    def test_a_command_line_commands_no_terminal(self):
        evil = "x\x1b[2J\x9b31m"
        self.sessiond()
        for words in (("start", "--json", "--", "sh", "-c", "exec cat", evil), ("list",), ("list", "--json")):
            terminal = Terminal(self, [SESSION, *words], env=self.env, cwd=self.folder, columns=500)
            self.assertEqual(0, terminal.wait(), terminal.screen())
            text = bytes(terminal.raw).decode()
            self.assertEqual(set(), set(re.findall("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]", text)))
            if "--json" in words:
                self.assertEqual(evil, json.loads(text)["command"][-1])
        self.assertIn("\x9b31m", self.session("list"))

    def test_a_screen_is_drawn_again_with_its_modes_and_undone(self):
        self.sessiond()
        text = self.folder + "/text"
        with open(text, "w", encoding="ascii") as file:
            file.write("".join(f"line {n}\n" for n in range(100)))
        self.start_session("vim", "-u", "NONE", "-N", text, flags=["--name=editor"])
        first = self.attach("editor")
        first.wait_for("line 22")
        first.type("G")
        first.wait_for("line 99")
        first.type(DETACH)
        self.assertEqual(0, first.wait())
        # What the editor has switched on is off again in this terminal, and is on in the next.
        for mode in (b"1049", b"1"):
            self.assertIn(b"\x1b[?" + mode + b"h", first.raw)
            self.assertGreater(first.raw.rfind(b"\x1b[?" + mode + b"l"), first.raw.rfind(b"\x1b[?" + mode + b"h"))
        again = self.attach("editor", rows=30, columns=100)
        again.wait_for("line 99")
        again.wait_for("line 72")  # 30 lines of it: it was told the new size, and all of the screen scrolls
        again.type(":q!\r")
        self.assertEqual(0, again.wait())

    def test_a_client_that_was_stopped_has_a_raw_terminal_again(self):
        self.sessiond()
        self.start_session(*SHELL, flags=["--name=shell"])
        client = self.attach("shell")
        client.wait_for("$")
        raw = client.settings()
        client.process.send_signal(signal.SIGSTOP)
        client.set_settings(client.settings_before)  # as a shell does
        client.process.send_signal(signal.SIGCONT)
        wait_until(lambda: client.settings() == raw, "the terminal is raw again", patience_s=20)

    def test_two_clients_see_the_same_and_the_last_active_has_the_size(self):
        self.sessiond()
        session_id = self.start_session(*SHELL, flags=["--name=both"])["session_id"]
        one, two = self.attach("both", rows=24, columns=80), self.attach("both", rows=40, columns=120)
        one.wait_for("$")
        two.wait_for("$")
        one.type("stty size\r")
        for terminal in (one, two):
            terminal.wait_for("24 80")
        two.type("stty size\r")
        for terminal in (one, two):
            terminal.wait_for("40 120")
        two.resize(33, 101)
        wait_until(lambda: self.sessions()[session_id]["rows"] == 33, "the session has the new size")
        two.type("stty size\r")
        one.wait_for("33 101")
        self.assertEqual(2, self.sessions()[session_id]["clients"])
        one.type(DETACH)
        self.assertEqual(0, one.wait())
        two.type("exit\r")
        self.assertEqual(0, two.wait())
        self.wait_events(session_id, [
            "session.created", "client.connected", "client.connected", "ownership.transferred",
            "ownership.transferred", "client.disconnected DETACHED", "session.removed EXITED 0",
            "client.disconnected SESSION_REMOVED"])
        first, second = [e.data for e in self.events(session_id) if e.type == "ownership.transferred"]
        self.assertNotIn("old_client_id", first)
        self.assertEqual(first["new_client_id"], second["old_client_id"])

    def test_output_is_told_where_it_is_asked_for_though_nobody_looks(self):
        self.sessiond()
        quiet = self.start_session("echo", "nothing of this")
        started = self.start_session("bash", "-c", "printf 'gr\\303\\274n\\n'; read; head -c 300000 /dev/zero; exit 3",
                                     flags=["--output", "--output_bytes_per_second_max=1000"])
        self.assertEqual((False, True), (quiet["output"], started["output"]))
        session_id = started["session_id"]

        def chunks():
            return [event.data for event in self.events(session_id) if event.type == "session.output"]

        # What it printed is told while it goes on.
        wait_until(lambda: [chunk["text"] for chunk in chunks()] == ["grün\r\n"], "the first line is in the log")
        terminal = self.attach(session_id)
        terminal.wait_for("grün")
        terminal.type("\r")
        self.assertEqual(3, terminal.wait())
        wait_until(lambda: self.events(session_id)[-1].type == "client.disconnected", "the end is in the log")
        self.wait_all_sent()
        types = [event.type for event in self.events(session_id)]
        self.assertEqual(["session.removed", "client.disconnected"], types[-2:])
        self.assertEqual({"session.output"}, set(types[4:-2]))
        # Every byte was told, or counted as left out: the lines, the echo of what was typed, and the rest.
        last = chunks()[-1]
        self.assertEqual(300_009, int(last["first_byte"]) + len(last.get("text", "").encode()))
        left_out = sum(int(chunk.get("bytes_left_out", 0)) for chunk in chunks())
        self.assertGreater(left_out, 200_000)
        self.assertEqual(300_009, left_out + sum(len(chunk.get("text", "").encode()) for chunk in chunks()))
        self.assertNotIn("session.output", [event.type for event in self.events(quiet["session_id"])])

    def test_the_detach_key_can_be_another_and_the_prefix_twice_is_typed(self):
        self.sessiond()
        self.start_session("bash", "-c", "echo ready; exec cat -v", flags=["--name=cat"])
        terminal = self.attach("cat", "--detach-key=ctrl-a x")
        terminal.wait_for("ready")
        terminal.type("\x16\x01\x01\x16\x1cd\r")  # Ctrl-V: the next one is no order to the terminal
        terminal.wait_for("^A^\\d")
        terminal.type("\x01x")
        self.assertEqual(0, terminal.wait())
        self.assertIn("no detach key", self.session("attach", "--detach-key=x", "cat", code=2))
        self.session("kill", "cat")

    def test_a_client_that_is_killed_is_lost_and_the_session_goes_on(self):
        self.sessiond()
        session_id = self.start_session(*SHELL)["session_id"]
        lost, stays = self.attach(session_id), self.attach(session_id)
        lost.wait_for("$")
        stays.wait_for("$")
        lost.process.kill()
        lost.wait()
        wait_until(lambda: self.sessions()[session_id]["clients"] == 1, "it is seen to be gone")
        stays.type("echo o''n; exit 3\r")
        self.assertEqual(3, stays.wait())
        self.assertIn("on", stays.lines())
        self.wait_events(session_id, [
            "session.created", "client.connected", "client.connected", "client.disconnected LOST",
            "ownership.transferred", "session.removed EXITED 3", "client.disconnected SESSION_REMOVED"])

    def test_a_slow_client_is_ended_and_slows_nobody(self):
        self.sessiond("--slow_client_deadline_s=2", "--scrollback_bytes_max=65536")
        # 50 MB, once a line was typed; its end in a file says that the command was never held.
        session_id = self.start_session(
            "bash", "-c", "read; head -c 50000000 /dev/zero | tr '\\0' x; echo; echo all printed > done; read; exit 5"
        )["session_id"]
        slow, quick = self.attach(session_id), self.attach(session_id)
        wait_until(lambda: self.sessions()[session_id]["clients"] == 2, "both are attached")
        slow.process.send_signal(signal.SIGSTOP)
        quick.type("\r")
        done = os.path.join(self.folder, "done")
        wait_until(lambda: os.path.exists(done), "all is printed while one client is stopped")
        quick.wait_for("x" * 80)
        wait_until(lambda: self.sessions()[session_id]["clients"] == 1, "the slow client is ended")
        self.assertTrue(is_alive(slow.process.pid))
        quick.type("\r")
        self.assertEqual(5, quick.wait())
        slow.process.send_signal(signal.SIGCONT)
        self.assertNotEqual(0, slow.wait())
        self.assertEqual(slow.settings_before, slow.settings())
        self.wait_events(session_id, [
            "session.created", "client.connected", "client.connected", "ownership.transferred",
            "client.disconnected SLOW", "session.removed EXITED 5", "client.disconnected SESSION_REMOVED"])

    def test_much_input_for_a_command_that_does_not_read_can_still_be_left(self):
        self.sessiond()
        started = self.start_session("bash", "-c", "stty raw -echo; echo ready; exec tail -f /dev/null")
        session_id = started["session_id"]
        terminal = self.attach(session_id)
        terminal.wait_for("ready")
        terminal.type("y" * 30000)
        terminal.type(DETACH)
        self.assertEqual(0, terminal.wait())
        # Others are not held by it.
        other = self.attach(session_id)
        other.wait_for("ready")
        other.type(DETACH)
        self.assertEqual(0, other.wait())
        self.session("kill", session_id)

    def test_start_can_attach_at_once_and_starts_sessiond_itself(self):
        terminal = Terminal(self, [SESSION, "start", "--attach", "--name=own", "--", *SHELL], env=self.env,
                            cwd=self.folder)
        terminal.wait_for("$")
        pid = self.daemon_pid()
        self.addCleanup(self.assert_ended, pid)
        self.addCleanup(os.kill, pid, signal.SIGTERM)
        self.assertEqual(os.getsid(pid), pid, "it has a session of its own")
        terminal.type("exit 9\r")
        self.assertEqual(9, terminal.wait())
        self.assertIn("exited 9", self.session("list"))

    def test_of_several_that_start_one_at_once_one_does(self):
        children = [subprocess.Popen([SESSION, "start", "--", "cat"], env=self.env, cwd=self.folder,
                                     stdout=subprocess.PIPE, text=True) for _ in range(8)]
        started = [json.loads(child.communicate(timeout=60)[0])["session_id"] for child in children]
        pid = self.daemon_pid()
        self.assertEqual([0] * 8, [child.returncode for child in children])
        self.assertEqual(sorted(started), sorted(self.sessions()))
        os.kill(pid, signal.SIGTERM)
        self.assert_ended(pid)
        for session_id in started:
            self.wait_events(session_id, ["session.created", "session.removed KILLED SIGHUP"])


class SessiondSocketTest(SessiondTest):
    def exchange(self, data):
        """What comes back until the connection ends."""
        answer = b""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(60)
            client.connect(self.socket)
            try:
                client.sendall(data)
                while chunk := client.recv(65536):
                    answer += chunk
            except (ConnectionResetError, BrokenPipeError):
                pass
        return answer

    def test_garbage_gets_an_error_and_ends_that_connection_alone(self):
        self.sessiond()
        session_id = self.start_session("bash", "-c", "echo ready; exec cat")["session_id"]
        terminal = self.attach(session_id)
        terminal.wait_for("ready")
        terminal.type("still here\r")
        terminal.wait_for("still here", 2)
        for data, why in ((b"GET / HTTP/1.1\r\n\r\n", b"not sessiond's protocol"),
                          (b"\xff" * 100000, b"not sessiond's protocol"),
                          (struct.pack(">I", 5) + b"\xff" * 5, b"no DaemonRequest"),
                          (struct.pack(">I", 2) + b"\x08\x63", b"version 1"),
                          (struct.pack(">I", 2) + b"\x08\x01", b"does not know")):
            self.assertIn(why, self.exchange(data))
        # Attached, and then wrong: protocol_version 1, attach {session}.
        name = session_id.encode()
        attach = b"\x08\x01\x1a" + bytes([len(name) + 2]) + b"\x0a" + bytes([len(name)]) + name
        self.assertIn(b"no ClientMessage", self.exchange(struct.pack(">I", len(attach)) + attach +
                                                         struct.pack(">I", 3) + b"\xff\xff\xff"))
        terminal.type("and now\r")
        terminal.wait_for("and now", 2)
        terminal.type(DETACH)
        self.assertEqual(0, terminal.wait())
        self.session("kill", session_id)
        self.wait_events(session_id, [
            "session.created", "client.connected", "ownership.transferred", "client.connected",
            "client.disconnected DETACHED", "client.disconnected DETACHED", "session.removed KILLED SIGHUP"])

    def test_a_second_sessiond_is_refused_and_a_stale_socket_is_not_in_the_way(self):
        first = self.sessiond()
        second = self.start("second", [SESSIOND], env=self.env)
        self.assertEqual(3, second.wait())
        self.assertIn("another sessiond has the socket", second.err())
        self.assertEqual(b"", second.out())
        self.assertEqual(0o600, os.stat(self.socket).st_mode & 0o777)
        first.kill()
        self.assertTrue(os.path.exists(self.socket), "what SIGKILL leaves")
        self.assertEqual("", self.session("list"))
        again = self.sessiond(name="again")
        self.assertEqual(0, again.stop())
        self.assertFalse(os.path.exists(self.socket))
        self.assertEqual(b"ready socket=" + self.socket.encode() + b"\n", again.out())


if __name__ == "__main__":
    unittest.main()
