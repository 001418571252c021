"""A client of the gateway down at its socket, which can do what no well-behaved client does."""

import base64
import json
import os
import socket
import struct

TEXT, BINARY, CLOSE, PING = 0x81, 0x82, 0x88, 0x89
FIREHOSE = "/api/events/firehose"
# What a connection may end with when the other side has had enough of it.
ENDED = (ConnectionResetError, BrokenPipeError, ConnectionAbortedError)


def frame(first, payload=b"", masked=True):
    size = len(payload)
    if size < 126:
        length = bytes([size])
    else:
        length = b"\x7e" + struct.pack(">H", size) if size < 65536 else b"\x7f" + struct.pack(">Q", size)
    if not masked:
        return bytes([first]) + length + payload
    key = os.urandom(4)
    stream = (key * (size // 4 + 1))[:size]
    mixed = (int.from_bytes(payload, "big") ^ int.from_bytes(stream, "big")).to_bytes(size, "big")
    return bytes([first, length[0] | 0x80]) + length[1:] + key + mixed


class RawClient:
    """One connection, over a new socket or one that is given; calls block, for `patience_s` at most. A context manager,
    which closes it."""

    def __init__(self, address, receive_buffer_bytes=None, patience_s=60, connection=None):
        host, port = address.rsplit(":", 1)
        self.socket = connection or socket.socket()
        if receive_buffer_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        self.socket.settimeout(patience_s)
        try:
            self.socket.connect((host, int(port)))
        except OSError:
            self.socket.close()
            raise
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._host = host
        self._stream = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stream.close()
        self.socket.close()

    def request(self, query="", headers=()):
        """The text of a right handshake."""
        lines = [f"GET {FIREHOSE}{'?' + query if query else ''} HTTP/1.1", f"Host: {self._host}", "Upgrade: websocket",
                 "Connection: Upgrade", f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
                 "Sec-WebSocket-Version: 13", *headers]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def upgrade(self, query="", headers=()):
        """Becomes a WebSocket; returns the answer's headers as one text."""
        self.send(self.request(query, headers))
        status, head = self.read_head()
        if status != 101:
            raise AssertionError(f"the handshake was answered {status}: {head}")
        return head

    def read_head(self):
        """The status and the headers of an HTTP answer; (0, "") when the connection ended without one."""
        head = b""
        try:
            while not head.endswith(b"\r\n\r\n"):
                line = self._stream.readline()
                if not line:
                    return 0, ""
                head += line
        except ENDED:
            return 0, ""
        return int(head.split()[1]), head.decode("latin-1")

    def send(self, data):
        self.socket.sendall(data)

    def send_until_refused(self, data, times):
        """Sends the same again and again; False when the other side took it all."""
        try:
            for _ in range(times):
                self.socket.sendall(data)
        except ENDED:
            return True
        return False

    def read_frame(self):
        """(first byte, payload); None at the end of the connection."""
        try:
            head = self._stream.read(2)
            if len(head) < 2:
                return None
            size = head[1] & 0x7F
            if size > 125:
                width = {126: 2, 127: 8}[size]
                size = int.from_bytes(self._stream.read(width), "big")
            payload = self._stream.read(size)
            return (head[0], payload) if len(payload) == size else None
        except ENDED:
            return None

    def read_message(self):
        """The next text message, parsed; None at the end."""
        while got := self.read_frame():
            if got[0] == TEXT:
                return json.loads(got[1])
        return None

    def read_close(self):
        """(code, reason) of the Close frame, which everything before is read away for; None when none came."""
        while got := self.read_frame():
            if got[0] == CLOSE:
                return struct.unpack(">H", got[1][:2])[0], got[1][2:].decode()
        return None
