#!/usr/bin/python3
"""The command line on a terminal: lines for people, colours, a bar for long input, pages that are drawn anew."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import unittest
from concurrent import futures

import grpc

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from log_client import message  # noqa: E402
from processes import ProcessTest, children_of, program  # noqa: E402
from services import EventLogService  # noqa: E402
from terminal import Terminal  # noqa: E402
from waiting import wait_until  # noqa: E402

EVENTLOG = program("producers/cli/eventlog")
PATH = {"PATH": "/usr/bin:/bin"}
EVIL = "\x1b]0;stolen\x07\x1b[2J\x9b31m\u202e\x08"


def all_strings(value):
    """Those of a JSON value."""
    if isinstance(value, (dict, list)):
        return [text for part in (value.values() if isinstance(value, dict) else value) for text in all_strings(part)]
    return [value] if isinstance(value, str) else []


class EvilService(grpc.GenericRpcHandler):
    """Answers with names that ours refuses: as one of another make, or older, may have them."""

    def __init__(self, test):
        server = grpc.server(futures.ThreadPoolExecutor(2), handlers=[self])
        self.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        log = message("Log")(log=EVIL, epoch=EVIL, engine=EVIL)
        cursor = message("Cursor")(log=EVIL, cursor=EVIL)
        lag = message("CursorLag")(cursor=EVIL)
        segment = message("VerifyLogResponse")(segment={"file": EVIL, "problems": [EVIL]})
        self._answers = {
            "GetLogStats": message("LogStats")(log=EVIL, epoch=EVIL, cursors=[lag]),
            "ListLogs": message("ListLogsResponse")(logs=[log]), "GetLog": log,
            "ListCursors": message("ListCursorsResponse")(cursors=[cursor]), "GetCursor": cursor,
            "VerifyLog": [segment, message("VerifyLogResponse")(summary={})]}
        server.start()
        test.addCleanup(server.stop, None)

    def service(self, details):
        answer = self._answers[details.method.rpartition("/")[2]]
        if isinstance(answer, list):
            return grpc.unary_stream_rpc_method_handler(lambda *_: (one.SerializeToString() for one in answer))
        return grpc.unary_unary_rpc_method_handler(lambda *_: answer.SerializeToString())


class CliTerminalTest(ProcessTest):
    def setUp(self):
        super().setUp()
        self.log = EventLogService(self)

    def append(self, *events):
        text = "".join(json.dumps(event) + "\n" for event in events)
        subprocess.run([EVENTLOG, f"--server={self.log.grpc}", "append", "-"], input=text, capture_output=True,
                       text=True, timeout=120, check=True, env={})

    def on_terminal(self, *arguments, environment=None, **options):
        return Terminal(self, [EVENTLOG, f"--server={self.log.grpc}", *arguments], env=environment or {}, **options)

    def shell(self, script, **options):
        """A shell script in which "$EVENTLOG" is the program with its server."""
        return Terminal(self, ["bash", "-c", script], env={**PATH, "P": EVENTLOG, "EVENTLOG_SERVER": self.log.grpc},
                        **options)

    def test_events_are_lines_in_colour(self):
        self.append({"type": "session.created", "subject": "s1", "data": {"n": 1}, "attributes": {"region": "north"}})
        terminal = self.on_terminal("tail", "--from=earliest", "--until-caught-up", columns=200)
        self.assertEqual(0, terminal.wait())
        line = terminal.lines()[0]
        self.assertRegex(line, r'^20\d\d-\d\d-\d\dT[\d:.]+Z 0 session\.created s1 \{"n": ?1\} region=north$')
        self.assertIn(b"\x1b[1;36msession.created\x1b[0m", terminal.raw)
        for flags, environment in ((("--color=never",), {}), ((), {"NO_COLOR": "1"})):
            plain = self.on_terminal("tail", "--from=earliest", "--until-caught-up", *flags, environment=environment,
                                     columns=200)
            self.assertEqual(0, plain.wait())
            self.assertEqual([line], plain.lines())
            self.assertNotIn(b"\x1b", plain.raw)
        as_json = self.on_terminal("tail", "--json", "--from=earliest", "--until-caught-up", columns=300)
        self.assertEqual(0, as_json.wait())
        self.assertEqual(0, json.loads(as_json.lines()[0])["offset"])

    def test_colour_on_a_pipe_is_for_who_asks(self):
        self.append({"type": "a", "data": 1})
        for flags, begins in (((), b'{"offset":0'), (("--color=always",), b"\x1b[2m20"),
                              (("--color=always", "--json"), b'{"offset":0')):
            result = subprocess.run([EVENTLOG, f"--server={self.log.grpc}", "tail", "--from=earliest",
                                     "--until-caught-up", *flags], capture_output=True, timeout=120, check=True, env={})
            self.assertTrue(result.stdout.startswith(begins), result.stdout)

    def test_data_commands_no_terminal(self):
        self.append({"type": "a", "subject": "s", "data_text": EVIL + "end", "attributes": {"k": "v"}},
                    {"type": "b", "data": {"last": True}})
        terminal = self.on_terminal("tail", "--from=earliest", "--until-caught-up", columns=200)
        self.assertEqual(0, terminal.wait())
        self.assertEqual(2, len(terminal.lines()), terminal.screen())
        self.assertIn(r"\x1b]0;stolen\x07\x1b[2J\u009b31m\u202e\x08end", terminal.lines()[0])
        # What is left are our own colours.
        self.assertEqual(set(), set(re.findall(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]",
                                               re.sub(rb"\x1b\[[\d;]*m", b"", bytes(terminal.raw)))))
        self.assertNotIn("\x9b", terminal.raw.decode())

    def test_json_commands_no_terminal_and_means_the_same(self):
        self.append({"type": "a", "data_text": EVIL})
        tail = self.on_terminal("tail", "--json", "--from=earliest", "--until-caught-up", columns=400)
        self.assertEqual(0, tail.wait())
        self.log.stop()
        dump = Terminal(self, [program("eventlog-svc/tool/eventlog-admin"), "dump", f"--data_dir={self.log.data_dir}"],
                        env={}, columns=400)
        self.assertEqual(0, dump.wait())
        for terminal in (tail, dump):
            text = bytes(terminal.raw).decode()
            self.assertEqual(set(), set(re.findall("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]", text)))
            line = next(line for line in text.splitlines() if '"offset":0' in line)
            self.assertEqual(EVIL, json.loads(line)["data_text"])
        piped = subprocess.run([program("eventlog-svc/tool/eventlog-admin"), "dump", f"--data_dir={self.log.data_dir}"],
                               capture_output=True, timeout=120, check=True, env={})
        self.assertIn("\x9b31m", piped.stdout.decode())

    def test_names_command_no_terminal(self):
        service = EvilService(self)
        for words in (("stats",), ("logs", "list"), ("logs", "get", "a"), ("cursors", "list"), ("cursors", "get", "a"),
                      ("verify",)):
            command = [EVENTLOG, f"--server={service.address}", *words]
            for flags in ((), ("--json",)):
                with self.subTest(words=words, flags=flags):
                    terminal = Terminal(self, [*command, *flags], env={}, columns=400)
                    self.assertEqual(0, terminal.wait())
                    text = bytes(terminal.raw).decode()
                    self.assertEqual(set(), set(re.findall("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]", text)))
                    self.assertIn(r"\u009b31m", text)
                    if flags:
                        self.assertIn(EVIL, all_strings(json.loads(text.splitlines()[0])))
            piped = subprocess.run(command, capture_output=True, timeout=120, check=True, env={})
            self.assertIn("\x9b31m", piped.stdout.decode())

    def test_ctrl_c_ends_it_with_success(self):
        self.append({"type": "first.type"})
        terminal = self.on_terminal("tail", "--from=earliest")
        terminal.wait_for("first.type")
        terminal.type("\x03")
        self.assertEqual(0, terminal.wait())

    def test_append_says_what_it_did(self):
        terminal = self.on_terminal("append", "--type=a")
        self.assertEqual(0, terminal.wait())
        self.assertEqual(["appended at offset 0"], terminal.lines())
        terminal = self.shell("""printf '{"type":"a"}\\n%.0s' $(seq 1200) | "$P" append -""")
        self.assertEqual(0, terminal.wait())
        self.assertEqual("appended 1,200 events at offsets 1 to 1200", terminal.lines()[-1])

    def has_read_input(self, pid):
        with open(f"/proc/{pid}/fdinfo/0", encoding="ascii") as file:
            return int(file.readline().split()[1]) > 0

    def test_long_input_shows_how_far_it_is(self):
        path = os.path.join(self.folder, "events")
        with open(path, "w", encoding="utf-8") as file:
            for n in range(100_000):
                file.write(json.dumps({"type": "a", "data": "x" * 200, "subject": str(n)}) + "\n")
                if n == 50_000:
                    file.write("no event\n")
        # Nothing is answered before a bar is due, however quick the machine is.
        self.log.child.stand_still()
        terminal = self.shell(f'"$P" append - < {path}; echo "ended with $?"')
        wait_until(lambda: any(self.has_read_input(child) for child in children_of(terminal.process.pid)), "it reads")
        reads_since = time.monotonic()
        wait_until(lambda: time.monotonic() - reads_since > 0.3, "a bar is due")
        self.log.child.signal(signal.SIGCONT)
        terminal.wait_for("ended with 1")
        # It was drawn on one line, never went back, and is gone.
        shown = [int(part) for part in re.findall(rb"\r\x1b\[K\[[#.]{20}\]\s+(\d+)%", bytes(terminal.raw))]
        self.assertGreater(len(shown), 0, bytes(terminal.raw[-2000:]))
        self.assertEqual(sorted(shown), shown)
        self.assertEqual(["eventlog append: line 50002, column 1: not one JSON object",
                          "appended 100,000 events at offsets 0 to 99999", "ended with 1"], terminal.lines())

    def test_long_input_of_a_pipe_shows_counts(self):
        pipe = os.path.join(self.folder, "pipe")
        os.mkfifo(pipe)
        terminal = self.shell(f'"$P" append - < {pipe} > /dev/null; echo "ended with $?"')
        counts = rb"\r\x1b\[K[\d,]+ events  [\d,]+/s  [\d.]+ .?i?B"
        with open(pipe, "wb") as events:
            wait_until(lambda: events.write(b'{"type":"a","data":"xxxxxxxx"}\n' * 100) and events.flush() is None
                       and re.search(counts, bytes(terminal.raw)), "no counts were shown")
        terminal.wait_for("ended with 0")
        self.assertEqual(["ended with 0"], terminal.lines())

    def test_no_bar_where_standard_error_is_no_terminal(self):
        path = os.path.join(self.folder, "err")
        terminal = self.shell(f"""yes '{{"type":"a"}}' | head -100000 | "$P" append - 2> {path}; """
                              """echo "ended with $?\"""")
        terminal.wait_for("ended with 0")
        with open(path, "rb") as file:
            self.assertEqual(b"", file.read())
        self.assertNotIn(b"\x1b", terminal.raw)

    def test_stats_are_a_table_and_a_page(self):
        self.append(*({"type": "a", "data": n} for n in range(1500)))
        subprocess.run([EVENTLOG, f"--server={self.log.grpc}", "tail", "--cursor=mail", "--from=earliest", "-n", "100"],
                       capture_output=True, timeout=120, check=True, env={})
        table = self.on_terminal("stats")
        self.assertEqual(0, table.wait())
        self.assertRegex(table.screen(), r"offsets  0 to 1,499, the next is 1,500\nrecords  1,500 in ")
        self.assertRegex(table.lines()[-1], r"^mail\s+100\s+1,400\s+\d+\.\d$")
        page = self.on_terminal("stats", "--watch", "--interval_s=1")
        page.wait_for("the next is 1,500")
        self.append({"type": "a"})
        page.wait_for("the next is 1,501")
        self.assertEqual(1, page.screen().count("the next is"))
        page.type("\x03")
        self.assertEqual(0, page.wait())

    def test_without_a_command_it_says_what_there_is(self):
        terminal = Terminal(self, [EVENTLOG], env={}, rows=60, columns=120)
        self.assertEqual(2, terminal.wait())
        for command in ("append", "tail", "stats", "completion"):
            self.assertRegex(terminal.screen(), rf"(?m)^  {command} ")


if __name__ == "__main__":
    unittest.main()
