#!/usr/bin/python3
"""The command line against the real service: what each command prints, refuses and ends with."""

import json
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from processes import ProcessTest, fixed_address, program  # noqa: E402
from services import EventLogService  # noqa: E402
from waiting import wait_until  # noqa: E402

# As each --help says.
DONE, REFUSED, WRONG_COMMAND_LINE, NOT_REACHED = 0, 1, 2, 3
PATIENT = "--timeout_s=60"
GLOBAL_FLAGS = ("server", "token", "config", "insecure", "json", "color", "help")
FLAGS = {
    "append": ("type", "subject", "source", "id", "time", "attribute", "data", "text", "binary_file", "content_type",
               "log", "stdin", "timeout_s"),
    "tail": ("from", "since", "until", "type", "subject", "source", "attribute", "cursor", "count", "until_caught_up",
             "follow", "log", "timeout_s"),
    "stats": ("log", "watch", "interval_s", "timeout_s"),
    "completion": (),
}


class CliTest(ProcessTest):
    def run_command(self, *arguments, stdin="", environment=None):
        return subprocess.run([program("producers/cli/eventlog"), *arguments], input=stdin, capture_output=True,
                              text=True, timeout=120, env=environment or {})

    def serve(self):
        self.log = EventLogService(self)

    def call(self, *arguments, stdin=""):
        """What a command that must succeed prints: the JSON value of each line."""
        result = self.run_command(f"--server={self.log.grpc}", *arguments, stdin=stdin)
        self.assertEqual(DONE, result.returncode, result.stderr)
        # On a busy machine a first attempt to connect may take too long, which `tail` and `append` mention.
        late = re.compile("eventlog tail: reconnecting: |eventlog append: waiting for ")
        self.assertEqual([], [line for line in result.stderr.splitlines() if not late.match(line)])
        return [json.loads(line) for line in result.stdout.splitlines()]

    def tail(self, *flags):
        return self.call("tail", "--from=earliest", "--until-caught-up", *flags)

    def assert_ends(self, result, code, *words):
        """With nothing on standard output and a reason on standard error."""
        self.assertEqual((code, ""), (result.returncode, result.stdout), result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)

    def messages(self):
        return self.log.stats()["messages"]

    def test_appended_with_flags_is_tailed(self):
        self.serve()
        path = os.path.join(self.folder, "bytes")
        with open(path, "wb") as file:
            file.write(b"\xff\x00")
        self.assertEqual([{"offset": 0}], self.call(
            "append", "--type=session.created", "--subject", "s1", "--source=/agents/42", "--id=first",
            "--time=2026-01-02T03:04:05Z", "--attribute=region=north", "--attribute=kind=a=b", '--data={"n":1.50}'))
        self.assertEqual([{"offset": 1}], self.call("append", "--type=note.written", "--text=plain ü"))
        self.assertEqual([{"offset": 2}], self.call("append", "--type=note.read", f"--binary-file={path}",
                                                    "--content-type=image/x"))
        first, second, third = self.tail()
        for key, value in {"offset": 0, "type": "session.created", "subject": "s1", "source": "/agents/42",
                           "id": "first", "data": {"n": 1.5}}.items():
            self.assertEqual(value, first[key], key)
        self.assertTrue(first["time"].startswith("2026-01-02T03:04:05"), first["time"])
        self.assertEqual({"region": "north", "kind": "a=b"}, first["attributes"])
        self.assertEqual((1, "plain ü"), (second["offset"], second["data_text"]))
        self.assertEqual((2, "/wA="), (third["offset"], third["data_base64"]))
        self.assertEqual([1, 2], [event["offset"] for event in self.tail("--type=note.*")])
        self.assertEqual([0], [event["offset"] for event in self.tail("--subject=s1")])
        self.assertEqual([0, 1], [event["offset"] for event in self.tail("--count=2")])
        self.assertEqual([2], [event["offset"] for event in self.call("tail", "--from=tail:1", "--until-caught-up")])

    def test_standard_input_becomes_events_and_what_tail_prints_goes_in_again(self):
        self.serve()
        lines = [json.dumps({"type": "load.line", "subject": f"s{n}", "data": {"n": n}}) for n in range(500)]
        offsets = self.call("append", "--stdin", stdin="\n".join(lines) + "\n\n")
        self.assertEqual([{"offset": n} for n in range(500)], offsets)
        before = self.run_command(f"--server={self.log.grpc}", "tail", "--from=earliest", "--until-caught-up")
        self.assertEqual(500, len(before.stdout.splitlines()))
        self.assertEqual([{"offset": 500 + n} for n in range(500)], self.call("append", "-", stdin=before.stdout))
        events = self.tail()
        self.assertEqual([{"n": n % 500} for n in range(1000)], [event["data"] for event in events])
        self.assertEqual([f"s{n % 500}" for n in range(1000)], [event["subject"] for event in events])

    def test_wrong_line_of_the_input_is_named_and_the_others_are_kept(self):
        self.serve()
        lines = ['{"type":"a","data":1}', "no JSON", '{"type":"a","data":2}', '{"data":3}', '{"type":"a","data":4}']
        result = self.run_command(f"--server={self.log.grpc}", "append", "--stdin", stdin="\n".join(lines))
        self.assertEqual(REFUSED, result.returncode)
        self.assertEqual(3, len(result.stdout.splitlines()))
        self.assertEqual(["2", "4"], sorted(re.findall(r"line (\d+), column 1:", result.stderr)), result.stderr)
        self.assertEqual([1, 2, 4], [event["data"] for event in self.tail()])

    def test_stats_are_the_log_s(self):
        self.serve()
        empty = self.call("stats", PATIENT)[0]
        self.assertEqual((0, 0, 0), (empty["start_offset"], empty["head_offset"], empty["record_count"]))
        self.call("append", "--type=a", "--data=1")
        self.call("append", "--type=a", "--data=2")
        full = self.call("stats", PATIENT)[0]
        self.assertEqual((0, 2, 2), (full["start_offset"], full["head_offset"], full["record_count"]))
        self.assertEqual(("events", empty["epoch"]), (full["log"], full["epoch"]))
        self.assertGreater(full["byte_count"], 0)
        self.assertLessEqual(full["oldest_append_time"], full["newest_append_time"])

    def test_the_log_comes_from_the_flag_or_the_environment(self):
        self.serve()
        self.call("logs", "create", "orders")
        environment = {"EVENTLOG_SERVER": self.log.grpc, "EVENTLOG_LOG": "orders"}

        def call(*arguments):
            result = self.run_command(*arguments, environment=environment)
            self.assertEqual(DONE, result.returncode, result.stderr)
            return [json.loads(line) for line in result.stdout.splitlines()]

        call("append", "--type=a", PATIENT)
        call("append", "--type=b", "--log=events", PATIENT)
        tail = ("tail", "--from=earliest", "--until-caught-up")
        self.assertEqual(["a"], [event["type"] for event in call(*tail, "--cursor=c")])
        self.assertEqual(["b"], [event["type"] for event in call(*tail, "--log=events")])
        self.assertEqual(["b"], [event["type"] for event in call(*tail, "--log=")], "said to be the usual one")
        self.assertEqual(["orders", "events"], [call("stats", *flags)[0]["log"] for flags in ((), ("--log=events",))])
        self.assertEqual(["c"], [cursor["cursor"] for cursor in call("cursors", "list")])
        self.assertEqual([], call("cursors", "list", "--log=events"))
        self.assertEqual([1, 0], [call("cursors", *words, "c")[0]["next_offset"]
                                  for words in (("get",), ("reset", "--to=earliest"))])
        self.assertEqual([{"deleted": "c"}], call("cursors", "delete", "c"))

    def test_server_comes_from_either_flag_or_the_environment(self):
        self.serve()
        away, here = fixed_address(), self.log.grpc
        for arguments, environment in (((f"--server={here}", "stats"), {"EVENTLOG_SERVER": away}),
                                       (("--server", here, "stats"), {}),
                                       ((f"--server={away}", "stats", f"--server={here}"), {}),
                                       (("stats",), {"EVENTLOG_SERVER": here})):
            result = self.run_command(*arguments, PATIENT, environment=environment)
            self.assertEqual(DONE, result.returncode, (arguments, result.stderr))

    def test_server_comes_from_the_configuration_file_when_nothing_else_says_it(self):
        self.serve()
        away, here = fixed_address(), self.log.grpc
        home, named = (os.path.join(self.folder, name) for name in ("home", "named"))
        os.makedirs(os.path.join(home, ".config/eventlog"))
        for path, server in ((os.path.join(home, ".config/eventlog/config"), away), (named, here)):
            with open(path, "w", encoding="utf-8") as file:
                file.write(f"# mine\nserver = {server}\n")
        for arguments, environment, code in (
                (("stats",), {"HOME": home}, NOT_REACHED),
                (("stats",), {"HOME": home, "EVENTLOG_CONFIG": named}, DONE),
                (("--config", named, "stats"), {"HOME": home}, DONE),
                (("stats", f"--config={named}"), {"EVENTLOG_SERVER": away}, NOT_REACHED),
                (("stats", f"--server={here}"), {"HOME": home, "EVENTLOG_SERVER": away}, DONE)):
            patience = PATIENT if code == DONE else "--timeout_s=1"
            result = self.run_command(*arguments, patience, environment=environment)
            self.assertEqual(code, result.returncode, (arguments, environment, result.stderr))
        with open(named, "a", encoding="utf-8") as file:
            file.write("sevrer = x\n")
        self.assert_ends(self.run_command("stats", f"--config={named}"), WRONG_COMMAND_LINE,
                         f'{named}:3: "sevrer" is not known; right are server, token')
        self.assert_ends(self.run_command("stats", "--config=/nowhere/x"), WRONG_COMMAND_LINE, "/nowhere/x")

    def test_of_several_servers_the_first_that_answers(self):
        self.serve()
        away, here = fixed_address(), self.log.grpc
        for servers in (f"{away},{here}", f"{here},{away}", f"{away}, localhost:{here.split(':')[1]}"):
            for arguments in (("append", "--type=a"), ("stats",), ("tail", "--from=earliest", "-n", "1")):
                result = self.run_command(f"--server={servers}", *arguments, PATIENT)
                self.assertEqual(DONE, result.returncode, (servers, arguments, result.stderr))
        self.assert_ends(self.run_command(f"--server={away},{fixed_address()}", "stats", "--timeout_s=1"), NOT_REACHED)

    def test_garbage_is_no_event_and_loses_none(self):
        self.serve()
        garbage = bytes(range(256)) * 40
        whole = [b'{"type":"a","data":%d}' % n for n in range(50)]
        text = b"\n".join(b"\n".join((event, garbage[n:n + 200].replace(b"{", b"").replace(b"\n", b"")))
                          for n, event in enumerate(whole))
        result = subprocess.run([program("producers/cli/eventlog"), f"--server={self.log.grpc}", "append", "-"],
                                input=text, capture_output=True, timeout=120, env={})
        self.assertEqual(REFUSED, result.returncode)
        self.assertEqual(50, len(result.stdout.splitlines()))
        self.assertEqual(list(range(50)), [event["data"] for event in self.tail()])
        self.assertNotIn(b"\x1b", result.stderr)

    def test_objects_over_many_lines_and_beside_each_other(self):
        self.serve()
        pretty = "".join(json.dumps({"type": "a", "data": {"n": [n, {}]}}, indent=2) for n in range(20))
        self.assertEqual(20, len(self.call("append", "-", stdin=pretty)))
        self.assertEqual([[n, {}] for n in range(20)], [event["data"]["n"] for event in self.tail()])

    def test_help_names_every_command_and_flag(self):
        whole = self.run_command("--help")
        self.assertEqual((DONE, ""), (whole.returncode, whole.stderr))
        for command, flags in FLAGS.items():
            self.assertIn(f"\n  {command} ", whole.stdout)
            helped = self.run_command(command, "--help")
            self.assertEqual((DONE, ""), (helped.returncode, helped.stderr), command)
            self.assertEqual(helped.stdout, self.run_command("help", command).stdout)
            self.assertIn("\nExamples:\n", helped.stdout)
            named = re.findall(r"^  (?:-\w, )?--([\w-]+)", helped.stdout, re.MULTILINE)
            self.assertEqual([*flags, *GLOBAL_FLAGS], named)
            self.assertIn("Exit codes: 0 done, 1 ", helped.stdout)
        self.assertIn("Exit codes: 0 done, 1 refused", whole.stdout)

    def test_wrong_command_line(self):
        for arguments, words in (((), "no command is given"), (("remove",), '"remove" is not a command'),
                                 (("statts",), 'did you mean "stats"?'),
                                 (("--verbose", "stats"), "--verbose is not known; see --help")):
            self.assert_ends(self.run_command(*arguments), WRONG_COMMAND_LINE, words)
        for arguments, words in ((("append", "--colour=red"), "--colour is not known"),
                                 (("tail", "--colour"), "--colour is not known"),
                                 (("stats", "--colour=red"), "--colour is not known"),
                                 (("append", "--data=1"), '"type": missing'),
                                 (("append", "--type=a", "--data={"), "--data is not valid JSON"),
                                 (("append", "--type=a", "--type=b"), "--type is given twice"),
                                 (("append", "--type"), "--type needs a value"),
                                 (("append", "--type=a", "--data=1", "--text=x"), "at most one of"),
                                 (("tail", "--from=yesterday"), "--from=yesterday"),
                                 (("tail", "--count=none"), "--count=none"),
                                 (("tail", "--since=yesterday"), "--since=yesterday: right is a time as"),
                                 (("tail", "--attribute=k"), "right is KEY=VALUE"),
                                 (("tail", "--color=red"), "right is one of auto, always, never"),
                                 (("append", "-", "--type=a"), "--type describes one event"),
                                 (("stats", "--server=here"), '"here" is no address'),
                                 (("stats", "--token=x", "--server=log.example:1"), "no TLS"),
                                 (("completion", "csh"), "right is one of bash, zsh, fish"),
                                 (("stats", "now"), 'unexpected argument "now"')):
            with self.subTest(arguments=arguments):
                self.assert_ends(self.run_command(*arguments), WRONG_COMMAND_LINE, f"eventlog {arguments[0]}: ", words)

    def test_service_that_is_down_is_not_reached(self):
        server = f"--server={fixed_address()}"
        for arguments in (("append", "--type=a", "--data=1"), ("tail", "--from=earliest", "--until-caught-up"),
                          ("stats",)):
            result = self.run_command(server, *arguments, "--timeout_s=1")
            self.assert_ends(result, NOT_REACHED, f"eventlog {arguments[0]}: ")

    def test_append_to_a_service_that_is_away_says_where_it_looks_and_what_to_do(self):
        address = fixed_address()
        waiting = f"eventlog append: waiting for {address}..."
        result = self.run_command("append", "--type=a", "--timeout_s=2", environment={"EVENTLOG_SERVER": address})
        self.assert_ends(result, NOT_REACHED, f"{waiting}\n", f"{address} was not reached in 2 s", "eventlog-svc",
                         "--server", "EVENTLOG_SERVER", "--timeout_s")
        self.assertEqual(3, len(result.stderr.splitlines()), result.stderr)
        # It is said while it waits, not afterwards; and the event is not lost to who starts the service then.
        append = self.start("append", [program("producers/cli/eventlog"), f"--server={address}", "append",
                                       "--type=a", "--timeout_s=3600"])
        wait_until(lambda: waiting in append.err(), "it says that it waits")
        self.start("eventlog-svc", [program("eventlog-svc/eventlog-svc"), f"--listen={address}",
                                    "--http_listen=127.0.0.1:0", f"--data_dir={os.path.join(self.folder, 'late')}"])
        self.assertEqual(DONE, append.wait(), append.err())
        self.assertEqual(b'{"offset":0}\n', append.out())

    def test_refused_event_says_why_and_stores_nothing(self):
        self.serve()
        server = f"--server={self.log.grpc}"
        for arguments, *said in ((("append", "--type=" + "x" * 256), "EVENT_INVALID"),
                                 (("append", "--type=a", "--attribute=BAD KEY=1"), "EVENT_INVALID"),
                                 (("append", "--type=a", "--log=nowhere"), "LOG_NOT_FOUND",
                                  "`eventlog logs create` makes a log"),
                                 (("tail", "--from=earliest", "--log=nowhere"), "LOG_NOT_FOUND"),
                                 (("tail", "--from=7"), "OFFSET_OUT_OF_RANGE"),
                                 (("stats", "--log=nowhere"), "LOG_NOT_FOUND")):
            with self.subTest(arguments=arguments[:2], said=said):
                self.assert_ends(self.run_command(server, *arguments), REFUSED, f"eventlog {arguments[0]}: ", *said)
        self.assertEqual(0, self.messages())


if __name__ == "__main__":
    unittest.main()
