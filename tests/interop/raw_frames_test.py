#!/usr/bin/python3
"""What no well-behaved client sends: the echo server answers as RFC 6455 asks, whatever the pieces it comes in."""

import base64
import os
import socket
import struct
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from processes import ProcessTest, program  # noqa: E402

PATIENCE_S = 60


def frame(first, payload=b"", masked=True):
    size = len(payload)
    if size < 126:
        length = bytes([size])
    else:
        length = b"\x7e" + struct.pack(">H", size) if size < 65536 else b"\x7f" + struct.pack(">Q", size)
    if not masked:
        return bytes([first]) + length + payload
    key = os.urandom(4)
    return bytes([first, length[0] | 0x80]) + length[1:] + key + bytes(b ^ key[i % 4] for i, b in enumerate(payload))


class RawFramesTest(ProcessTest):
    def setUp(self):
        super().setUp()
        host, port = self.start("ws_echo", [program("tests/support/ws_echo")]).ready()["ws"].rsplit(":", 1)
        self.address = (host, int(port))

    def exchange(self, data, piece=None):
        """Sends data behind a handshake; returns the server's frames as (first byte, payload) up to its end."""
        with socket.create_connection(self.address, timeout=PATIENCE_S) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            key = base64.b64encode(os.urandom(16)).decode()
            connection.sendall((f"GET / HTTP/1.1\r\nHost: {self.address[0]}\r\nUpgrade: websocket\r\n"
                                f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
                                "Sec-WebSocket-Version: 13\r\n\r\n").encode())
            stream = connection.makefile("rb")
            self.assertIn(b"101", stream.readline())
            while stream.readline() not in (b"\r\n", b""):
                pass
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


if __name__ == "__main__":
    unittest.main()
