#!/usr/bin/python3
"""What no well-behaved client sends: the echo server answers as RFC 6455 asks, whatever the pieces it comes in."""

import base64
import os
import socket
import struct
import sys
import unittest
import zlib

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from processes import ProcessTest, program  # noqa: E402
from raw_client import frame  # noqa: E402

PATIENCE_S = 60


def deflated(payload):
    """The payload of a compressed message."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    return (compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]


def inflated(payload):
    return zlib.decompressobj(-15).decompress(payload + b"\x00\x00\xff\xff")


class RawFramesTest(ProcessTest):
    def setUp(self):
        super().setUp()
        echo = self.start("ws_echo", [program("tests/support/ws_echo"), "--inflate_ratio_max=200"])
        host, port = echo.ready()["ws"].rsplit(":", 1)
        self.address = (host, int(port))

    def handshake(self, connection, extensions):
        """The stream of what comes, the status, and the header with the extensions that are agreed on."""
        key = base64.b64encode(os.urandom(16)).decode()
        lines = ["GET / HTTP/1.1", f"Host: {self.address[0]}", "Upgrade: websocket", "Connection: Upgrade",
                 f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"]
        lines += [f"Sec-WebSocket-Extensions: {extension}" for extension in extensions]
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        stream = connection.makefile("rb")
        status, agreed = int(stream.readline().split()[1]), None
        while (line := stream.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode().partition(":")
            if name.lower() == "sec-websocket-extensions":
                agreed = value.strip()
        return stream, status, agreed

    def exchange(self, data, piece=None, extensions=()):
        """Sends data behind a handshake; returns the server's frames as (first byte, payload) up to its end."""
        with socket.create_connection(self.address, timeout=PATIENCE_S) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            stream, status, agreed = self.handshake(connection, extensions)
            self.assertEqual((101, bool(extensions)), (status, agreed is not None))
            for at in range(0, len(data), piece or len(data)):
                connection.sendall(data[at:at + (piece or len(data))])
            frames = []
            while head := stream.read(2):
                size = head[1] & 0x7F
                size = struct.unpack(">H", stream.read(2))[0] if size == 126 else size
                size = struct.unpack(">Q", stream.read(8))[0] if size == 127 else size
                frames.append((head[0], stream.read(size)))
            return frames

    def assert_closed_with(self, code, frames):
        self.assertEqual(0x88, frames[-1][0], frames)
        self.assertEqual(code, struct.unpack(">H", frames[-1][1][:2])[0], frames)

    def test_violations_are_answered_with_the_code_of_the_rfc(self):
        cases = {
            "reserved bit": (1002, frame(0xC1, b"a")),
            "reserved opcode": (1002, frame(0x83)),
            "reserved control opcode": (1002, frame(0x8B)),
            "unmasked": (1002, frame(0x81, b"a", masked=False)),
            "fragmented ping": (1002, frame(0x09)),
            "long ping": (1002, frame(0x89, b"x" * 126)),
            "continuation of nothing": (1002, frame(0x80, b"a")),
            "message within a message": (1002, frame(0x01, b"a") + frame(0x81, b"b")),
            "close of one byte": (1002, frame(0x88, b"\x03")),
            "close code 1005": (1002, frame(0x88, struct.pack(">H", 1005))),
            "close code 999": (1002, frame(0x88, struct.pack(">H", 999))),
            "close code 5000": (1002, frame(0x88, struct.pack(">H", 5000))),
            "close reason not UTF-8": (1007, frame(0x88, b"\x03\xe8\xff")),
            "text not UTF-8": (1007, frame(0x81, b"\xce\xba\xed\xa0\x80")),
            "text not UTF-8 over fragments": (1007, frame(0x01, b"\xf4") + frame(0x00, b"\x90")),
            "text that ends in a character": (1007, frame(0x81, b"\xe2\x82")),
        }
        for what, (code, data) in cases.items():
            for piece in (None, 1):
                with self.subTest(what=what, piece=piece):
                    frames = self.exchange(frame(0x81, b"before") + data, piece)
                    self.assertEqual((0x81, b"before"), frames[0])
                    self.assert_closed_with(code, frames)
                    self.assertEqual(2, len(frames))

    def test_bad_text_is_refused_before_the_frame_is_whole(self):
        whole = frame(0x81, b"\xff" + b"x" * 1000)
        self.assert_closed_with(1007, self.exchange(whole[:20]))

    def test_too_large_a_frame_is_refused_by_its_header(self):
        self.assert_closed_with(1009, self.exchange(b"\x82\xff" + struct.pack(">Q", (16 << 20) + 1) + b"mask"))

    def test_too_large_a_message_is_refused_at_the_fragment_that_exceeds_it(self):
        data = frame(0x02, b"x" * 65536) + b"\x00\xff" + struct.pack(">Q", 16 << 20) + b"mask"
        self.assert_closed_with(1009, self.exchange(data))

    def test_nothing_is_answered_behind_a_close(self):
        frames = self.exchange(frame(0x88, b"\x03\xe8") + frame(0x89, b"late") + frame(0x81, b"late"))
        self.assertEqual([(0x88, b"\x03\xe8")], frames)

    def test_fragments_byte_by_byte_with_control_frames_between(self):
        data = (frame(0x01, "κόσ".encode()[:3]) + frame(0x89, b"1") + frame(0x00) + frame(0x00, "κόσ".encode()[3:]) +
                frame(0x8A, b"unasked") + frame(0x89, b"2") + frame(0x80, b"!") + frame(0x88, b""))
        self.assertEqual([(0x8A, b"1"), (0x8A, b"2"), (0x81, "κόσ!".encode()), (0x88, b"")], self.exchange(data, 1))

    def test_message_in_very_many_fragments(self):
        data = frame(0x02, b"x") + frame(0x00, b"y") * 5000 + frame(0x80, b"z") + frame(0x88)
        self.assertEqual([(0x82, b"x" + b"y" * 5000 + b"z"), (0x88, b"")], self.exchange(data))

    def answer(self, *extensions):
        with socket.create_connection(self.address, timeout=PATIENCE_S) as connection:
            return self.handshake(connection, extensions)[1:]

    def test_offers_are_answered_refused_or_passed_over(self):
        agreed = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
        for answer, *offers in [
                ((101, None), "mux"),
                ((101, None), "permessage-deflate; server_max_window_bits=8"),
                ((101, None), "permessage-deflate; never_heard_of"),
                ((101, agreed), "mux; x", "permessage-deflate; never_heard_of", "permessage-deflate"),
                ((101, agreed + "; server_max_window_bits=9"), "permessage-deflate; server_max_window_bits=\"9\""),
                ((400, None), "permessage-deflate;"),
                ((400, None), "permessage-deflate", "permessage-deflate; server_max_window_bits=\"9")]:
            with self.subTest(offers=offers):
                self.assertEqual(answer, self.answer(*offers))

    def test_compressed_messages_come_back_compressed(self):
        text = "{\"n\": 1, \"text\": \"κόσμε\"}".encode() * 50
        data = deflated(text)
        sent = (frame(0xC1, data) + frame(0x42, data[:5]) + frame(0x89, b"p") + frame(0x00) + frame(0x80, data[5:]) +
                frame(0x81, text) + frame(0xC2, b"\x00") + frame(0x88))
        for piece in (None, 1):
            frames = self.exchange(sent, piece, ["permessage-deflate"])
            self.assertEqual([0xC1, 0x8A, 0xC2, 0xC1, 0xC2, 0x88], [first for first, _ in frames])
            self.assertEqual([text, text, text, b""], [inflated(frames[n][1]) for n in (0, 2, 3, 4)])
            self.assertLess(len(frames[0][1]), len(text) / 5)

    def test_violations_of_deflate_are_answered_with_the_code_of_the_rfc(self):
        data = deflated(b"compressed")
        cases = {
            "RSV1 on what goes on": (1002, frame(0x41, data[:3]) + frame(0xC0, data[3:])),
            "RSV1 on a ping": (1002, frame(0xC9)),
            "RSV2": (1002, frame(0xE1, data)),
            "no deflate data": (1007, frame(0xC1, b"\x07")),
            "cut short": (1007, frame(0xC1, data[:-2])),
            "a context that is not there": (1007, frame(0xC1, b"\xf2\x00\x11\x00\x00")),
            "text not UTF-8": (1007, frame(0xC1, deflated(b"\xed\xa0\x80"))),
            "a bomb": (1009, frame(0xC2, deflated(bytes(4 << 20)))),
            "a large bomb": (1009, frame(0xC2, deflated(bytes(100 << 20)))),
        }
        for what, (code, sent) in cases.items():
            with self.subTest(what=what):
                frames = self.exchange(sent, extensions=["permessage-deflate"])
                self.assert_closed_with(code, frames)
                self.assertEqual(1, len(frames))


if __name__ == "__main__":
    unittest.main()
