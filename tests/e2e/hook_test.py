#!/usr/bin/python3
"""`eventlog hook` never hinders who calls it: with the log up, standing still, killed or not there, with input that is
large, wrong or never ends. What it keeps is in the log once, in order, as soon as there is a log."""

import json
import os
import random
import signal
import subprocess
import sys
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from hooks import Hooks, payload_of  # noqa: E402
from log_client import LogClient  # noqa: E402
from processes import ProcessTest, fixed_address, program  # noqa: E402
from services import EventLogService  # noqa: E402
from waiting import wait_until  # noqa: E402

PARALLEL, AT_ONCE = 1000, 24
BYTES_MAX = 8 * 1024 * 1024
# As `eventlog hook --help` says.
INVALID_JSON, NOT_AN_OBJECT, TOO_LARGE, UNFINISHED = 10, 11, 12, 13


class HookTest(ProcessTest):
    def setUp(self):
        super().setUp()
        self.log = EventLogService(self)
        self.hooks = Hooks(self, self.log.grpc)

    def events(self):
        return [record.event for record in LogClient(self.log.grpc).read_from(0)]

    def numbers(self):
        return [json.loads(event.text)["n"] for event in self.events()]

    def keep_numbers(self, numbers):
        for n in numbers:
            self.hooks.keep(payload_of("Stop", n=n))

    def times(self, count, what):
        """Printed: a number of this machine, and no promise."""
        took_ms = []
        for n in range(count):
            began = time.monotonic()
            self.hooks.keep(payload_of("PreToolUse", n=n))
            took_ms.append((time.monotonic() - began) * 1000)
        took_ms.sort()
        print(f"a hook, {what}: median {took_ms[count // 2]:.1f} ms, worst of {count} {took_ms[-1]:.1f} ms", flush=True)

    def test_hooks_succeed_while_the_log_stands_still_is_killed_or_away(self):
        self.times(50, "log up")
        self.hooks.flush()
        self.log.child.signal(signal.SIGSTOP)
        self.times(50, "log stopped")
        self.log.child.signal(signal.SIGCONT)
        self.hooks.flush()
        self.log.kill()
        self.times(50, "log away")
        self.log.start()
        self.hooks.flush()
        self.log.kill()
        self.keep_numbers(range(50, 60))
        self.log.start()
        self.hooks.flush()
        self.assertEqual([*range(50)] * 3 + [*range(50, 60)], self.numbers())

    def test_log_that_never_was_gets_everything_when_it_is_there(self):
        away = fixed_address()
        hooks = Hooks(self, away, spools=os.path.join(self.folder, "away"))
        for n in range(20):
            hooks.keep(payload_of("Stop", n=n))
        status = hooks.ask("status")
        self.assertEqual((20, True, away), (status["events"], status["sender_running"], status["server"]))
        left = subprocess.run(hooks.command("flush", "--timeout_s=0"), capture_output=True, env=hooks.environment,
                              check=False)
        self.assertEqual((3, 20), (left.returncode, json.loads(left.stdout)["events"]))
        self.start("late", [program("eventlog-svc/eventlog-svc"), f"--listen={away}", "--http_listen=127.0.0.1:0",
                            f"--data_dir={os.path.join(self.folder, 'late')}"]).ready()
        hooks.flush()
        self.log.grpc = away
        self.assertEqual([*range(20)], self.numbers())
        hooks.wait_no_senders()
        self.assertEqual((20, 20, 0), tuple(hooks.ask("status")[key] for key in ("added", "acknowledged", "rejected")))

    def test_a_thousand_hooks_in_parallel_are_each_there_once(self):
        began = time.monotonic()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda n: self.hooks.keep(payload_of("Stop", n=n)), range(PARALLEL)))
        print(f"{PARALLEL} hooks, {AT_ONCE} at once: {time.monotonic() - began:.1f} s", flush=True)
        self.hooks.flush()
        self.assertEqual([*range(PARALLEL)], sorted(self.numbers()))
        self.hooks.wait_no_senders()

    def test_killed_senders_lose_and_repeat_nothing(self):
        seed = int.from_bytes(os.urandom(4), "little")
        print(f"seed {seed}", flush=True)
        choose = random.Random(seed)
        for n in range(60):
            self.keep_numbers([n])
            if choose.random() < 0.5:
                self.hooks.kill_senders()
        self.hooks.flush()
        self.assertEqual([*range(60)], self.numbers())

    def test_who_reads_from_a_hook_does_not_wait_for_the_sender(self):
        self.hooks.environment["EVENTLOG_SPOOL_LINGER_MS"] = "60000"
        self.keep_numbers([1])  # returns when all pipes are at their end
        wait_until(lambda: self.events(), "it is sent")
        self.assertEqual(1, len(self.hooks.senders()))

    def test_payload_up_to_the_bound_comes_whole_and_above_it_is_said(self):
        text = "é😀x" * (BYTES_MAX // 7)
        frame = '{"hook_event_name":"PostToolUse","session_id":"a","tool_name":"Read","x":"%s"}'
        room = BYTES_MAX - len((frame % "").encode())
        payload = (frame % text.encode()[:room].decode(errors="ignore")).encode()
        payload += b" " * (BYTES_MAX - len(payload))
        self.hooks.keep(payload)
        code, error = self.hooks.run(payload + b" ", "--strict")
        self.assertEqual(TOO_LARGE, code)
        self.assertIn(f"{BYTES_MAX + 1} bytes; at most {BYTES_MAX}", error)
        self.assertEqual(0, self.hooks.run(payload + payload)[0])
        self.hooks.flush()
        events = self.events()
        parts = events[:-2]
        self.assertEqual(payload, b"".join(part.text.encode() for part in parts))
        self.assertEqual([str(n + 1) for n in range(len(parts))], [part.attributes["part"] for part in parts])
        self.assertEqual({(str(len(parts)), "hook.post_tool_use", "a", "Read")},
                         {(p.attributes["parts"], p.type, p.subject, p.attributes["tool_name"]) for p in parts})
        self.assertEqual(1, len({part.attributes["payload_id"] for part in parts}))
        for event, size in zip(events[-2:], (BYTES_MAX + 1, 2 * BYTES_MAX)):
            self.assertEqual(("hook.post_tool_use", "a", None), (event.type, event.subject, event.WhichOneof("data")))
            self.assertEqual(("PAYLOAD_TOO_LARGE", str(size)),
                             (event.attributes["reason"], event.attributes["payload_bytes"]))

    def test_input_that_never_ends_is_taken_as_far_as_it_is_whole(self):
        whole, part, nothing = self.hooks.start("--strict"), self.hooks.start("--strict", "--input_timeout_ms=400"), \
            self.hooks.start("--input_timeout_ms=400")
        whole.stdin.write(payload_of("Stop", n=1))
        part.stdin.write(payload_of("Stop", n=2)[:-1])
        for hook in (whole, part):
            hook.stdin.flush()
        self.assertEqual([0, UNFINISHED, 0], [hook.wait(60) for hook in (whole, part, nothing)])
        for hook in (whole, part, nothing):
            self.assertEqual(b"", hook.stdout.read())
            for pipe in (hook.stdin, hook.stdout, hook.stderr):
                pipe.close()
        self.hooks.flush()
        self.assertEqual(["hook.invalid", "hook.invalid", "hook.stop"], sorted(event.type for event in self.events()))

    def test_garbage_is_kept_and_said(self):
        seed = int.from_bytes(os.urandom(4), "little")
        print(f"seed {seed}", flush=True)
        choose = random.Random(seed)
        good = payload_of("PreToolUse", tool_name="Bash", tool_input={"command": "é\n\"", "n": [1.5, None, True]})
        inputs = [(b"", INVALID_JSON), (b"[]", NOT_AN_OBJECT), (b"\"x\"", NOT_AN_OBJECT), (b"{} {}", INVALID_JSON),
                  (b"\xef\xbb\xbf{}", INVALID_JSON), (b"{\"a\":\"\xff\"}", INVALID_JSON)]
        for _ in range(40):
            bad = bytearray(good)
            for _ in range(choose.randint(1, 4)):
                bad[choose.randrange(len(bad))] = choose.randrange(256)
            inputs.append((bytes(bad)[:choose.randint(0, len(bad))], None))
        for garbage, expected in inputs:
            code, error = self.hooks.run(garbage, "--strict")
            self.assertIn(code, (expected,) if expected else (0, INVALID_JSON, NOT_AN_OBJECT), garbage)
            self.assertEqual(0 if code == 0 else 1, error.count("\n"), error)
        self.hooks.flush()
        events = self.events()
        self.assertEqual(len(inputs), len(events))
        for (garbage, _), event in zip(inputs, events):
            self.assertEqual(garbage, event.binary if event.type == "hook.invalid" else event.text.encode())

    def test_events_of_a_session_are_joined_to_it(self):
        for environment, subject in (({"EVENTLOG_SESSION_ID": "s-7"}, "s-7"), ({"EVENTLOG_SESSION_ID": ""}, "agent-1"),
                                     ({}, "agent-1")):
            self.hooks.keep(payload_of("SessionStart", n=subject), **environment)
        self.hooks.flush()
        self.assertEqual([("s-7", "agent-1"), ("agent-1", "agent-1"), ("agent-1", "agent-1")],
                         [(event.subject, event.attributes["agent_session_id"]) for event in self.events()])

    def test_without_standard_streams_it_is_kept_too(self):
        for streams in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
            result = subprocess.run(["sh", "-c", f'exec "$@" {streams}', "sh", *self.hooks.command()], check=False,
                                    env=self.hooks.environment, input=payload_of("Stop"), stdout=subprocess.DEVNULL)
            self.assertEqual(0, result.returncode, streams)
        self.hooks.flush()
        self.assertEqual(["hook.invalid", "hook.stop", "hook.stop", "hook.invalid"], [e.type for e in self.events()])

    def test_what_nobody_hears_ends_no_hook(self):
        config = os.path.join(self.folder, "open")
        with open(config, "w", encoding="utf-8") as file:
            os.chmod(file.fileno(), 0o644)  # of which it warns
            file.write("token = t\n")
        reader, writer = os.pipe()
        os.close(reader)
        for flags in ((), ("--no_such_flag",)):
            result = subprocess.run(self.hooks.command(*flags), check=False, input=payload_of("Stop"), stderr=writer,
                                    env={**self.hooks.environment, "EVENTLOG_CONFIG": config})
            self.assertEqual(0, result.returncode, flags)
        os.close(writer)
        self.hooks.flush()
        self.assertEqual(["hook.stop"], [event.type for event in self.events()])

    def test_what_the_log_refuses_is_shown(self):
        self.hooks.keep(payload_of("Stop", x="x" * 100), "--log=none")
        left = self.hooks.ask("flush", "--timeout_s=60", "--log=none")
        status = self.hooks.ask("status", "--log=none")
        self.assertEqual((0, 1, "hook.stop"), (left["events"], status["rejected"], status["last_rejected"]["type"]))
        self.assertIn("LOG_NOT_FOUND", status["last_rejected"]["reason"])

    def test_wrong_command_line_or_configuration_blocks_no_agent(self):
        for flags, environment in ((["--no_such_flag"], {}), (["word"], {}), ([], {"EVENTLOG_CONFIG": "/none"}),
                                   (["--server=none"], {})):
            code, error = self.hooks.run(payload_of("Stop"), *flags, **environment)
            self.assertEqual((0, 1), (code, error.count("\n")), error)
            self.assertTrue(error.startswith("eventlog hook: "), error)

    def test_an_insecure_that_says_nothing_keeps_no_event_from_the_log(self):
        self.hooks.keep(payload_of("Stop"), EVENTLOG_INSECURE="maybe")
        # Sent by the sender that has it from this hook.
        wait_until(self.events, "the event is in the log")
        refused = subprocess.run([program("producers/cli/eventlog"), "stats"], capture_output=True, text=True,
                                 timeout=120, env={**self.hooks.environment, "EVENTLOG_INSECURE": "maybe"})
        self.assertEqual((2, "eventlog stats: EVENTLOG_INSECURE=maybe: right is 1, true or yes, or 0, false or no\n"),
                         (refused.returncode, refused.stderr))


if __name__ == "__main__":
    unittest.main()
