#!/usr/bin/python3
"""A client of the gateway as a process of its own, to be killed: it writes what it was sent to a journal, message by
message, and goes on from the last cursor there, as a consumer does that keeps its cursor with its results.

The one argument is a JSON object: `journal` (a path), `urls` (of gateways of one log: each connection goes to one of
them at random), `query` (parameters of the firehose), `resume` (false: each connection starts as the query says),
`deflate`, `pause_s` (between two messages, with a small receive buffer), `sse` (server-sent events, which go on by
`Last-Event-ID`, as a browser does). A line of the journal is a JSON object with
one of `connect` (the cursor asked for), `hello` (the cursor resolved), `events` ([offset, subject, payload] each), `at`
(a message without events that has a cursor), `gap`, `error`, `closed` ([code, reason]); `cursor` is what is reached by
it.
"""

import asyncio
import json
import os
import random
import socket
import sys
import urllib.parse

import websockets

RECONNECT_DELAY_S = 0.05
SMALL_BUFFER_BYTES = 4096
READ_LIMIT_BYTES = 64 << 20  # of one line


class JournalClient:
    def __init__(self, options):
        self._options = options
        self._cursor = None
        self._continue(options["journal"])

    def _continue(self, path):
        """Finds the last cursor; a line that the last kill has torn was not processed."""
        with open(path, "ab+") as file:
            file.seek(0)
            text = file.read()
            whole = text.rpartition(b"\n")[0]
            file.truncate(len(whole) + 1 if whole else 0)
        for line in reversed(whole.split(b"\n")):
            if line and "cursor" in (entry := json.loads(line)):
                self._cursor = entry["cursor"]
                break
        self._file = open(path, "ab", buffering=0)

    def _write(self, **entry):
        """One write, so that a kill leaves the line whole or away."""
        self._file.write(json.dumps(entry, separators=(",", ":")).encode() + b"\n")
        self._cursor = entry.get("cursor", self._cursor)

    async def run(self):
        while True:
            try:
                await self._one_connection()
            except (OSError, EOFError, asyncio.TimeoutError, websockets.InvalidHandshake) as failure:
                self._write(closed=[0, repr(failure)])
            await asyncio.sleep(RECONNECT_DELAY_S * random.random())

    async def _one_connection(self):
        url, query = random.choice(self._options["urls"]), dict(self._options["query"])
        cursor = self._cursor if self._options["resume"] else None
        self._write(connect=cursor or query.get("cursor", "latest"))
        if self._options["sse"]:
            return await self._one_event_source(f"{url}?{urllib.parse.urlencode(query)}", cursor)
        if cursor is not None:
            query["cursor"] = cursor
        url += "?" + urllib.parse.urlencode(query)
        more = {}
        if self._options["pause_s"]:
            more["sock"] = await self._small_socket(url)
        async with websockets.connect(url, max_size=None, open_timeout=20, ping_interval=None, max_queue=1,
                                      compression="deflate" if self._options["deflate"] else None,
                                      **more) as connection:
            try:
                while True:
                    self._take(json.loads(await connection.recv()), connection)
                    if self._options["pause_s"]:
                        await asyncio.sleep(self._options["pause_s"])
            except websockets.ConnectionClosed:
                self._write(closed=[connection.close_code, connection.close_reason])

    async def _one_event_source(self, url, cursor):
        parts = urllib.parse.urlsplit(url)
        resume = "" if cursor is None else f"Last-Event-ID: {cursor}\r\n"
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=READ_LIMIT_BYTES)
        try:
            writer.write((f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
                          f"Accept: text/event-stream\r\n{resume}\r\n").encode())
            status = await reader.readline()
            if b" 200 " not in status:
                raise EOFError(f"answered {status}")
            while line := await reader.readline():
                if line.startswith(b"data:") and line.endswith(b"\n"):
                    self._take(json.loads(line[len(b"data:"):]), None)
            self._write(closed=[0, "end of the event stream"])
        finally:
            writer.close()

    @staticmethod
    async def _small_socket(url):
        host, port = urllib.parse.urlsplit(url).netloc.rsplit(":", 1)
        raw = socket.socket()
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER_BYTES)
        raw.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(raw, (host, int(port)))
        except OSError:
            raw.close()
            raise
        return raw

    def _take(self, message, connection):
        kind = message["type"]
        if kind == "hello":
            self._write(hello=message["cursor"], cursor=message["cursor"],
                        deflate=bool(connection and connection.extensions))
        elif kind == "events":
            self._write(events=[[event["offset"], event.get("subject", ""), event.get("data")]
                                for event in message["events"]], cursor=message["cursor"])
        elif kind == "gap":
            self._write(gap=message, cursor=message["until"])
        elif kind == "error":
            self._write(error=message)
        elif "cursor" in message:
            self._write(at=kind, cursor=message["cursor"])


if __name__ == "__main__":
    asyncio.run(JournalClient(json.loads(sys.argv[1])).run())
