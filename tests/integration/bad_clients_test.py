#!/usr/bin/python3
"""Each kind of bad client is ended for its own counted reason, and the healthy ones beside it lose nothing."""

import concurrent.futures
import os
import statistics
import struct
import subprocess
import sys
import threading
import time
import unittest
import zlib

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from firehose import FirehoseClient  # noqa: E402
from log_client import LogClient, text_event  # noqa: E402
from processes import Feeder, ProcessTest, program  # noqa: E402
from raw_client import ENDED, PING, TEXT, RawClient, frame  # noqa: E402
from services import EventLogService, GatewayService  # noqa: E402
from waiting import wait_until  # noqa: E402

OF_EACH_KIND = 5
HEALTHY = 3
LINES_PER_SECOND = 200
# Behind this much a client that does not read is behind for good, whatever the kernel's buffers hold.
BACKLOG_EVENTS, BACKLOG_EVENT_BYTES = 500, 10_000
FLAGS = ["--slow_client_deadline_s=2", "--send_buffer_bytes=16384"]
SMALL_BUFFER_BYTES = 4096
HEADER_BYTES = 1 << 20
FLOOD = 20_000
MESSAGE_BYTES = 1 << 20
BOMB_BYTES, SMALL_BOMB_BYTES = 16 << 20, 256 << 10  # 16 KiB and some 270 B on the wire
COMPRESSED = 0x40  # RSV1


def at_socket(client, act):
    """Ends of the connection are what is looked for; the gateway counts why."""
    try:
        act(client)
    except ENDED:
        pass


def stops_reading(client):
    client.upgrade("cursor=earliest")
    return client.end.wait()


def reads_a_byte_a_second(client):
    client.upgrade("cursor=earliest")
    while not client.end.wait(1):
        client.socket.recv(1)


def sends_garbage(client):
    client.send(os.urandom(16) + b"\r\n\r\n")
    return client.read_head()[0]


def sends_garbage_behind_the_handshake(client):
    client.upgrade()
    client.send(b"\xff" * 4096)
    return client.read_close()


def sends_large_headers(client):
    head = client.request()[:-2] + b"X-Large: "
    at_socket(client, lambda c: c.send(head + b"x" * HEADER_BYTES + b"\r\n\r\n"))
    return client.read_head()[0]


def never_finishes_the_handshake(client):
    for byte in client.request():
        try:
            client.send(bytes([byte]))
        except ENDED:
            return
        if client.end.wait(1):
            return


def floods_pings(client):
    client.upgrade()
    client.send_until_refused(frame(PING, b"ping"), FLOOD)
    return client.read_close()


def floods_messages(client):
    client.upgrade()
    client.send_until_refused(frame(TEXT, b'{"type":"ping"}'), FLOOD)
    return client.read_close()


def sends_a_large_message(client):
    client.upgrade()
    at_socket(client, lambda c: c.send(frame(TEXT, b" " * MESSAGE_BYTES)))
    return client.read_close()


def sends_a_large_message_in_fragments(client):
    client.upgrade()
    client.send(frame(TEXT & 0x7F, b" " * 1000))
    client.send_until_refused(frame(0x00, b" " * 16000), MESSAGE_BYTES // 16000)
    return client.read_close()


def send_bomb(client, size):
    """A compressed message that inflates to so many zeros. Each frame is small enough as it comes."""
    head = client.upgrade(headers=["Sec-WebSocket-Extensions: permessage-deflate"])
    if "permessage-deflate" not in head:
        raise AssertionError(f"no deflate was agreed: {head}")
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = (deflate.compress(bytes(size)) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]
    client.send(frame(TEXT & 0x7F | COMPRESSED, bomb[:1000]))
    for at in range(1000, len(bomb), 1000):
        client.send_until_refused(frame(0x00, bomb[at:at + 1000]), 1)
    client.send_until_refused(frame(0x80), 1)
    return client.read_close()


def sends_an_inflate_bomb(client):
    return send_bomb(client, BOMB_BYTES)


def sends_a_small_inflate_bomb(client):
    return send_bomb(client, SMALL_BOMB_BYTES)


def sends_damaged_deflate_data(client):
    client.upgrade(headers=["Sec-WebSocket-Extensions: permessage-deflate"])
    client.send(frame(TEXT | COMPRESSED, b"\xff" * 100))
    return client.read_close()


def sends_unmasked_frames(client):
    client.upgrade()
    client.send(frame(TEXT, b"{}", masked=False))
    return client.read_close()


def sends_no_utf8(client):
    client.upgrade()
    client.send(frame(TEXT, b'{"type":"\xff"}'))
    return client.read_close()


def sends_a_close_reason_that_is_no_utf8(client):
    client.upgrade()
    client.send(frame(0x88, struct.pack(">H", 1000) + b"\xff"))
    return client.read_close()


# What it does, the reason that is counted, and what it must see: a Close code, a status, or None if it looks for none.
KINDS = [
    (stops_reading, "slow", None),
    (reads_a_byte_a_second, "slow", None),
    (sends_garbage, "bad_http", 400),
    (sends_garbage_behind_the_handshake, "protocol_error", 1002),
    (sends_large_headers, "headers_too_large", None),
    (never_finishes_the_handshake, "handshake_timeout", None),
    (floods_pings, "flood", None),
    (floods_messages, "flood", None),
    (sends_a_large_message, "too_big", None),
    (sends_a_large_message_in_fragments, "too_big", None),
    (sends_an_inflate_bomb, "too_big", 1009),
    (sends_a_small_inflate_bomb, "inflate_ratio", 1009),
    (sends_damaged_deflate_data, "invalid_payload", 1007),
    (sends_unmasked_frames, "protocol_error", 1002),
    (sends_no_utf8, "invalid_payload", 1007),
    (sends_a_close_reason_that_is_no_utf8, "invalid_payload", 1007),
]


class BadClientsTest(ProcessTest):
    def setUp(self):
        super().setUp()
        self.log = EventLogService(self)
        client = LogClient(self.log.grpc)
        for _ in range(BACKLOG_EVENTS // 50):
            client.append([text_event("backlog", '"%s"' % ("x" * BACKLOG_EVENT_BYTES))] * 50)
        self.gateway = GatewayService(self, self.log, FLAGS)
        self.late_s = []  # how long after it was written each event came to a healthy client
        self.healthy = [FirehoseClient(self.gateway.url, keep=self.keep, cursor="latest", type="tick", heartbeat_s=1)
                        .wait_hello() for _ in range(HEALTHY)]
        self.lines = self.start("lines", [program("producers/lines/lines"), f"--server={self.log.grpc}", "--type=tick"],
                                stdin=subprocess.PIPE)
        self.feeder = Feeder(self.lines.process.stdin, lambda number: f"[{number},{time.time()}]", LINES_PER_SECOND)

    def keep(self, payload):
        number, written = payload
        self.late_s.append(time.time() - written)
        return number

    def test_each_is_ended_for_its_reason_and_the_others_lose_nothing(self):
        wait_until(lambda: len(self.healthy[0].events) >= 10 * LINES_PER_SECOND, "the load passes")
        alone, self.late_s = self.late_s, []
        for act, reason, seen in KINDS:
            with self.subTest(act.__name__):
                self.run_kind(act, reason, seen)
        beside = self.late_s
        sent = self.feeder.stop()
        self.assertEqual(0, self.lines.wait(), self.lines.err())
        for client in self.healthy:
            client.wait_events(sent)
            client.wait_quiet()
            client.stop()
            self.assertTrue([number for _, _, number in client.events] == list(range(sent)), "not each once, in order")
            offsets = [offset for offset, _, _ in client.events]
            self.assertTrue(all(a < b for a, b in zip(offsets, offsets[1:])))
            self.assertEqual(([], [], [], 1), (client.closes, client.errors, client.gaps, len(client.hellos)))
        for name, late in (("alone", alone), ("beside bad clients", beside)):
            cuts = statistics.quantiles(late, n=100)
            print(f"append to client, {name}: p50 {cuts[49] * 1e3:.2f} ms, p99 {cuts[98] * 1e3:.2f} ms of {len(late)}",
                  flush=True)

    def disconnects(self):
        return {reason: count for reason, count in self.gateway.stats()["disconnects"].items() if count}

    def run_kind(self, act, reason, seen):
        """Some clients of one kind at once: all are counted under its reason, and nobody under another."""
        due = self.disconnects()
        due[reason] = due.get(reason, 0) + OF_EACH_KIND
        end = threading.Event()  # it was counted
        small = SMALL_BUFFER_BYTES if reason == "slow" else None
        clients = [RawClient(self.gateway.public, small) for _ in range(OF_EACH_KIND)]
        with concurrent.futures.ThreadPoolExecutor(OF_EACH_KIND) as threads:
            try:
                for client in clients:
                    client.end = end
                runs = [threads.submit(act, client) for client in clients]
                # The clients that do look see the end of their connection; only then their end is counted.
                if seen is not None:
                    self.assertEqual([seen] * OF_EACH_KIND, [self.code_of(run.result()) for run in runs])
                    self.close(clients)
                wait_until(lambda: self.disconnects().get(reason, 0) >= due[reason],
                           lambda: f"{due} are counted, not {self.disconnects()}")
            finally:
                end.set()
                self.close(clients)
            for run in runs:
                run.result()
        self.assertEqual(due, self.disconnects())

    @staticmethod
    def close(clients):
        for client in clients:
            client.__exit__()

    @staticmethod
    def code_of(result):
        return result[0] if isinstance(result, tuple) else result


if __name__ == "__main__":
    unittest.main()
