#!/usr/bin/python3
"""What an operator sees of the clients of the real gateway and does to them: lists them, ends one, drains all; and
every connection is counted at its end, under one reason."""

import json
import os
import re
import socket
import struct
import sys
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from firehose import FirehoseClient  # noqa: E402
from log_client import LogClient, text_event  # noqa: E402
from processes import ProcessTest  # noqa: E402
from services import EventLogService, GatewayService  # noqa: E402
from waiting import wait_until  # noqa: E402


def ask(method, url, headers=None):
    """The status and the text of an answer, whatever it is."""
    request = urllib.request.Request(url, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


class GatewayAdminTest(ProcessTest):
    def setUp(self):
        super().setUp()
        self.log = EventLogService(self)
        self.gateway = GatewayService(self, self.log)
        self.producer = LogClient(self.log.grpc)
        self.addCleanup(self.producer.close)

    def admin(self, method, path, headers=None):
        status, text = ask(method, f"http://{self.gateway.ops}/admin/{path}", headers)
        return status, json.loads(text)

    def clients(self):
        status, answer = self.admin("GET", "clients")
        self.assertEqual(200, status)
        self.assertTrue(answer["complete"])
        return answer

    def follow(self, **parameters):
        client = FirehoseClient(self.gateway.url, reconnect=False, **parameters).wait_hello()
        self.addCleanup(client.stop)
        return client, client.hellos[0]["connection"]

    def raw(self, request):
        """A connection that has sent `request`."""
        host, port = self.gateway.public.split(":")
        connection = socket.create_connection((host, int(port)), timeout=60)
        connection.sendall(request)
        return connection

    def upgraded(self):
        """A raw WebSocket connection behind its handshake."""
        connection = self.raw(b"GET /api/events/firehose HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"
                              b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                              b"Sec-WebSocket-Version: 13\r\n\r\n")
        self.assertTrue(connection.recv(12).startswith(b"HTTP/1.1 101"))
        return connection

    def await_gone(self, count):
        return wait_until(lambda: (answer := self.clients())["disconnects_total"] >= count and answer,
                          f"{count} connections have ended")["disconnects"]

    def test_clients_are_shown_as_they_are(self):
        reader, reader_id = self.follow(cursor="earliest")
        _, picky_id = self.follow(cursor="earliest", type="nothing.*")
        self.producer.append([text_event("test.event", "1")])
        reader.wait_events(1)
        answer = self.clients()
        self.assertEqual(2, answer["clients_total"])
        shown = {client["id"]: client for client in answer["clients"]}
        self.assertEqual({reader_id, picky_id}, set(shown))
        one = shown[reader_id]
        self.assertRegex(one["address"], r"^127\.0\.0\.1:\d+$")
        self.assertEqual(("streaming", "lossless", 0, 0),
                         (one["phase"], one["mode"], one["behind_events"], one["bytes_pending"]))
        self.assertTrue(one["transport"].startswith("websocket"), one)
        self.assertRegex(one["cursor"], r"^[0-9a-f]{16}:0$")
        self.assertGreater(one["bytes_sent"], 0)
        self.assertEqual(["nothing.*"], shown[picky_id]["filter"]["types"])
        self.assertEqual(1, len(self.admin("GET", "clients?limit=1")[1]["clients"]))

    def test_one_is_ended_and_the_other_stays(self):
        kicked, kicked_id = self.follow(cursor="latest")
        other, _ = self.follow(cursor="latest")
        self.assertEqual((200, {"kicked": kicked_id}), self.admin("DELETE", f"clients/{kicked_id}"))
        wait_until(lambda: kicked.closes, "the kicked one is closed")
        self.assertEqual(1008, kicked.closes[0][0])
        gone = self.await_gone(1)[0]
        self.assertEqual((kicked_id, "kicked"), (gone["id"], gone["reason"]))
        status, answer = self.admin("POST", f"clients/{kicked_id}/kick")
        self.assertEqual((404, "CLIENT_NOT_FOUND"), (status, answer["code"]))
        self.producer.append([text_event("test.event", "1")])
        other.wait_events(1)

    def test_a_page_in_a_browser_ends_nobody(self):
        client, client_id = self.follow(cursor="latest")
        for headers in ({"Origin": "http://127.0.0.1:8080"}, {"Host": "evil.example"}):
            self.assertEqual(403, self.admin("POST", f"clients/{client_id}/kick", headers)[0])
            self.assertEqual(403, self.admin("POST", "drain", headers)[0])
        self.producer.append([text_event("test.event", "1")])
        client.wait_events(1)

    def test_one_that_broke_off_keeps_its_address(self):
        connection = self.upgraded()
        address = "%s:%d" % connection.getsockname()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()  # with a reset
        gone = self.await_gone(1)[0]
        self.assertEqual((address, "lost"), (gone["address"], gone["reason"]))

    def test_every_connection_is_counted_once_at_its_end(self):
        self.follow(cursor="latest")
        for request in (b"GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n",
                        b"PUT /api/events/firehose HTTP/1.1\r\nHost: h\r\n\r\n",
                        b"no HTTP at all\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"x" * 20000,
                        b"GET /api/events/firehose HTTP/1.1\r\nHost: h\r\n\r\n"):
            with self.raw(request) as connection:
                self.assertTrue(connection.recv(100).startswith(b"HTTP/1.1 "), request[:40])
        self.raw(b"").close()
        self.raw(b"GET / HT").close()
        self.upgraded().close()
        gone = self.await_gone(8)
        # A connection is told of before its place is free.
        wait_until(lambda: self.gateway.stats()["connections"] == 1, "only the first is left")
        stats = self.gateway.stats()
        self.assertEqual(9, stats["accepts"]["total"])
        self.assertEqual(8, sum(stats["disconnects"].values()), stats["disconnects"])
        self.assertEqual(0, stats["disconnects"]["other"], stats["disconnects"])
        text = ask("GET", f"http://{self.gateway.ops}/metrics")[1]
        counted = re.findall(r'^gateway_disconnects_total\{reason="\w+"\} (\d+)$', text, re.MULTILINE)
        self.assertEqual(8, sum(map(int, counted)))
        self.assertEqual(8, len(gone))

    def test_a_drain_sends_all_away_and_the_gateway_stays(self):
        clients = [self.follow(cursor="latest")[0] for _ in range(5)]
        status, answer = self.admin("POST", "drain?over_ms=300")
        self.assertEqual((202, False), (status, answer["already"]))
        self.assertTrue(self.admin("POST", "drain")[1]["already"])
        for client in clients:
            wait_until(lambda: client.closes, "each is sent away")
            self.assertEqual(1012, client.closes[0][0])
        self.assertEqual((503, "draining\n"), ask("GET", f"http://{self.gateway.ops}/readyz"))
        with self.assertRaises(OSError):
            self.raw(b"")
        self.assertEqual(200, ask("GET", f"http://{self.gateway.ops}/livez")[0])
        self.assertEqual({"restart"}, {gone["reason"] for gone in self.await_gone(5)})
        self.assertEqual(0, self.gateway.stop())

    def test_a_signal_during_a_long_drain_ends_it(self):
        client, _ = self.follow(cursor="latest")
        self.assertEqual(202, self.admin("POST", "drain?over_ms=3600000")[0])
        self.assertEqual(0, self.gateway.stop())
        wait_until(lambda: client.closes, "the client is told")
        self.assertEqual(1012, client.closes[0][0])


if __name__ == "__main__":
    unittest.main()
