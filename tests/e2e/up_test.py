#!/usr/bin/python3
"""//:up starts both services, says where they are, stops them in order, and fails in one clear line."""

import fcntl
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
import oracle  # noqa: E402
from firehose import FirehoseClient  # noqa: E402
from log_client import LogClient, text_event  # noqa: E402
from processes import ProcessTest, children_of, is_alive, program  # noqa: E402
from services import get_json  # noqa: E402
from waiting import wait_until  # noqa: E402

FREE_PORTS = ["--listen=127.0.0.1:0", "--http_listen=127.0.0.1:0", "--gateway_listen=127.0.0.1:0",
              "--ops_listen=127.0.0.1:0"]


class UpTest(ProcessTest):
    def setUp(self):
        super().setUp()
        self.data_dir = os.path.join(self.folder, "data")

    def up(self, *flags, name="up"):
        return self.start(name, [program("up"), *FREE_PORTS, f"--data_dir={self.data_dir}", *flags])

    def addresses(self, up):
        """Of the four ports, from what `up` prints for people."""

        def complete():
            if up.process.poll() is not None:
                raise AssertionError(f"up ended with {up.process.returncode}: {up.err()}")
            return "Ctrl-C stops both." in up.out().decode()

        wait_until(complete, "up prints where everything is")
        text = up.out().decode()
        words = text.split()
        found = {
            "grpc": words[words.index("gRPC") + 1],
            "http": words[words.index("HTTP") + 1].split("/")[2],
            "public": words[words.index("WebSocket") + 1].split("/")[2],
            "ops": words[words.index("operations") + 1].split("/")[2],
        }
        return found

    def things_to_try(self, up):
        """The printed commands, by what they are for."""
        listed = up.out().decode().partition("Three things to try:\n")[2].partition("\n\n")[0]
        return dict(re.split(r" {2,}", line.strip(), maxsplit=1) for line in listed.splitlines())

    def assert_nothing_left(self, pids):
        for pid in pids:
            wait_until(lambda: not is_alive(pid), f"process {pid} is gone", 20)
        for folder, _, names in os.walk(self.data_dir):
            for name in names:
                with open(os.path.join(folder, name), "rb+") as file:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def append(self, addresses, text):
        client = LogClient(addresses["grpc"])
        reply = client.append([text_event("up.test", text)])
        client.close()
        return reply.first_offset

    def test_stops_on_signals_and_keeps_the_data(self):
        for number, which in enumerate((signal.SIGTERM, signal.SIGINT, signal.SIGHUP)):
            with self.subTest(signal=which.name):
                up = self.up(name=f"up{number}")
                addresses = self.addresses(up)
                pids = children_of(up.pid)
                self.assertEqual(2, len(pids))
                self.assertEqual(number, self.append(addresses, str(number)))
                self.assertEqual(number + 1, get_json(f"http://{addresses['http']}/stats")["messages"])
                client = FirehoseClient(f"ws://{addresses['public']}/api/events/firehose", reconnect=False,
                                        cursor="earliest")
                client.wait_events(number + 1)
                up.signal(which)
                self.assertEqual(0, up.wait(), up.err())
                self.assert_nothing_left(pids)
                wait_until(lambda: client.closes, "the client hears of it")
                self.assertEqual(1012, client.closes[0][0], client.closes)
                self.assertEqual([(n, "", n) for n in range(number + 1)], client.events)

    def test_things_to_try_do_what_they_say(self):
        up = self.up()
        addresses = self.addresses(up)
        things = self.things_to_try(up)
        self.assertEqual(["watch", "append", "with gRPC"], list(things))
        self.assertIn("tests/grpcurl/install.sh", up.out().decode())
        watch = self.start("watch", ["bash", "-c", things["watch"]], stdin=subprocess.PIPE)
        self.addCleanup(watch.process.stdin.close)
        wait_until(lambda: b'"type":"hello"' in watch.out(), lambda: f"the watcher is greeted: {watch.err()}")
        appended = self.start("append", ["bash", "-c", things["append"]])
        self.assertEqual(0, appended.wait(), appended.err())
        self.assertEqual({"offset": 0}, json.loads(appended.out()))
        wait_until(lambda: b'"data":{"hello":"world"}' in watch.out(), lambda: f"it is watched: {watch.out()}")
        # From another registry, so not always at hand: .ci/run names the one that tests/grpcurl has installed.
        grpcurl = os.environ.get("GRPCURL") or shutil.which("grpcurl")
        if grpcurl:
            path = f"{os.path.dirname(grpcurl)}:{os.environ['PATH']}"
            called = self.start("grpcurl", ["bash", "-c", things["with gRPC"]], env={"PATH": path})
            self.assertEqual(0, called.wait(), called.err())
            wait_until(lambda: b'"data":{"hello":"grpcurl"}' in watch.out(), lambda: f"it is watched: {watch.out()}")
            print("grpcurl was called as printed", flush=True)
        self.assertEqual(2 if grpcurl else 1, get_json(f"http://{addresses['http']}/stats")["messages"])
        self.assertEqual(0, up.stop(), up.err())

    def test_logs_of_both_services_are_followed(self):
        up = self.up()
        self.addresses(up)
        wait_until(lambda: re.search(r"^\[gateway-svc\] .*following log epoch", up.err(), re.MULTILINE),
                   "the gateway's log is followed")
        self.assertNotIn("stopping", up.err())
        self.assertEqual(0, up.stop(), up.err())
        for service in ("eventlog-svc", "gateway-svc"):
            self.assertRegex(up.err(), rf"(?m)^\[{service}\] .*stopping on SIGTERM$")

    def test_killed_up_leaves_nothing(self):
        up = self.up()
        addresses = self.addresses(up)
        pids = children_of(up.pid)
        self.append(addresses, "1")
        up.kill()
        self.assert_nothing_left(pids)
        again = self.up(name="again")
        entries = oracle.log_entries(LogClient(self.addresses(again)["grpc"]).read_from(0))
        self.assertEqual([(0, "", 1)], entries)
        self.assertEqual(0, again.stop())

    def test_end_of_a_service_ends_the_other(self):
        for victim in (0, 1):
            up = self.up(name=f"up{victim}")
            self.addresses(up)
            pids = children_of(up.pid)
            os.kill(pids[victim], signal.SIGKILL)
            self.assertEqual(1, up.wait())
            self.assertIn("ended with -9; stopping", up.err())
            self.assert_nothing_left(pids)

    def assert_refused(self, up, code, words):
        """One line, the service's own code, nothing on standard output, no process."""
        self.assertEqual(code, up.wait(), up.err())
        lines = up.err().splitlines()
        self.assertEqual(1, len(lines), lines)
        self.assertIn(words, lines[0])
        self.assertEqual(b"", up.out())

    def test_port_in_use(self):
        for flag in ("listen", "http_listen", "gateway_listen", "ops_listen"):
            with self.subTest(flag=flag), socket.socket() as taken:
                taken.bind(("127.0.0.1", 0))
                taken.listen()
                address = f"127.0.0.1:{taken.getsockname()[1]}"
                self.assert_refused(self.up(f"--{flag}={address}", name=flag), 3, address)

    def test_unwritable_directory(self):
        blocker = os.path.join(self.folder, "a file")
        with open(blocker, "w", encoding="utf-8"):
            pass
        for number, folder in enumerate((os.path.join(blocker, "data"), "/proc/eventlog")):
            with self.subTest(folder=folder):
                self.assert_refused(self.up(f"--data_dir={folder}", name=f"up{number}"), 3, folder)

    def test_second_instance_on_the_same_directory(self):
        first = self.up()
        addresses = self.addresses(first)
        self.assert_refused(self.up(name="second"), 3, self.data_dir)
        self.assertEqual(0, self.append(addresses, "1"))
        self.assertEqual(0, first.stop())

    def test_wrong_flags(self):
        unknown = self.up("--no_such_flag=1", name="unknown")
        self.assertEqual(2, unknown.wait())
        self.assertIn("--no_such_flag", unknown.err())
        self.assert_refused(self.up("--listen=nowhere", name="nowhere"), 2, "nowhere")


if __name__ == "__main__":
    unittest.main()
