#!/usr/bin/python3
"""The gateway at its limits: without a free file descriptor it serves those that it has and takes others again when
there are some; with all its connections taken it says so; one address does not take them all."""

import contextlib
import os
import re
import resource
import socket
import sys
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from firehose import FirehoseClient  # noqa: E402
from log_client import LogClient, text_event  # noqa: E402
from processes import ProcessTest, program  # noqa: E402
from services import EventLogService, GatewayService  # noqa: E402
from waiting import wait_until  # noqa: E402

FREE_DESCRIPTORS = 12
HERD = 60


def fetch(url):
    """The status and the text of an answer, whatever it is."""
    try:
        with urllib.request.urlopen(url, timeout=20) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


class GatewayLimitsTest(ProcessTest):
    def begin(self, *flags):
        self.log = EventLogService(self)
        self.gateway = GatewayService(self, self.log, flags)
        self.producer = LogClient(self.log.grpc)
        self.addCleanup(self.producer.close)

    def metric(self, name):
        text = fetch(f"http://{self.gateway.ops}/metrics")[1]
        return float(re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE).group(1))

    def connect(self):
        host, port = self.gateway.public.split(":")
        return socket.create_connection((host, int(port)), timeout=60)

    def follow(self):
        client = FirehoseClient(self.gateway.url, cursor="latest").wait_hello()
        self.addCleanup(client.stop)
        return client

    def test_without_descriptors_the_old_are_served_and_later_the_new(self):
        self.begin()
        pid = self.gateway.child.pid
        old = self.follow()
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        used = self.gateway.stats()["process"]["open_files"]
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (used + FREE_DESCRIPTORS, before[1]))
        with contextlib.ExitStack() as herd:
            for _ in range(HERD):
                herd.enter_context(self.connect())
            wait_until(lambda: "cannot accept a connection" in self.gateway.child.err(), "no descriptor is left")
            self.producer.append([text_event("test.event", "1")])
            old.wait_events(1)
        # The limit stays: what was closed must be enough.
        new = self.follow()
        self.producer.append([text_event("test.event", "2")])
        new.wait_events(1)
        old.wait_events(2)
        self.assertGreaterEqual(self.metric("gateway_accept_failures_total"), 1)
        self.assertEqual(used + FREE_DESCRIPTORS, self.metric("gateway_process_max_fds"))
        self.assertEqual(0, self.gateway.stop())

    def test_full_is_not_ready_until_there_is_room(self):
        self.begin("--connections_max=2")
        with self.connect(), self.connect():
            wait_until(lambda: self.gateway.stats()["connections"] == 2, "both are connected")
            self.assertEqual((503, "full: 2 connections of at most 2\n"), fetch(f"http://{self.gateway.ops}/readyz"))
        wait_until(self.gateway.is_serving, "there is room again")

    def test_an_address_has_so_many(self):
        self.begin("--connections_per_address_max=2")
        with self.connect() as one, self.connect() as other:
            wait_until(lambda: self.gateway.stats()["connections"] == 2, "both are connected")
            with self.connect() as third:
                self.assertEqual(b"", third.recv(1))
            self.assertEqual(1, self.metric('gateway_accepts_refused_total{reason="address"}'))
            one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertIn(b"404", one.recv(4096))
            other.close()
        wait_until(lambda: self.gateway.stats()["connections"] == 0, "all are gone")
        self.follow()

    def test_too_few_files_for_the_connections_are_said(self):
        self.begin("--connections_max=1000000")
        self.assertRegex(self.gateway.child.err(), r"open \d+ files, too few for --connections_max=1000000: 1000320")
        small = GatewayService(self, self.log, ["--connections_max=10"], name="small")
        self.assertNotIn("too few", small.child.err())

    def test_a_wrong_flag_is_said(self):
        for flag, right in (("accepts_per_second_max=0", "1 to 1000000"), ("deflate_level=10", "1 to 9"),
                            ("connections_per_address_max=-1", "0 to 1000000"), ("linger_ms_max=10001", "0 to 10000")):
            child = self.start("wrong", [program("gateway-svc/gateway-svc"), f"--{flag}"])
            self.assertEqual(2, child.wait(), flag)
            self.assertIn(f"--{flag}: right is {right}", child.err())


if __name__ == "__main__":
    unittest.main()
