"""WebSocket clients of the gateway, each on a thread of its own, built on Debian's python3-websockets."""

import asyncio
import json
import socket
import threading
import urllib.parse

import websockets

from waiting import wait_until


class FirehoseClient:
    """Collects every event it is sent, in the order of arrival, over all its connections.

    When the connection is lost it connects again with its last cursor, unless `reconnect` is False. Events are kept as
    (offset, subject, payload) where the payload is the parsed JSON or the text; `keep` may make something smaller of
    it.
    """

    def __init__(self, url, reconnect=True, keep=None, **parameters):
        self.events = []
        self.hellos = []
        self.gaps = []
        self.errors = []
        self.closes = []  # (code, reason) of each connection that ended
        self.cursor = None
        self.heartbeats = 0
        self.failure = None  # an exception of the client itself
        self._url, self._reconnect, self._parameters = url, reconnect, parameters
        self._keep = keep or (lambda payload: payload)
        self._stopping = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def wait_hello(self):
        wait_until(lambda: self.hellos or self.failure or (not self._reconnect and self.closes),
                   "the client is greeted")
        if not self.hellos:
            raise AssertionError(f"not greeted: {self.failure} {self.errors} {self.closes}")
        return self

    def wait_events(self, count, patience_s=60):
        wait_until(lambda: len(self.events) >= count or self.failure,
                   lambda: f"{count} events received, only {len(self.events)}; closes {self.closes[-3:]}", patience_s)
        self._check()

    def wait_quiet(self, patience_s=60):
        """Until the gateway says twice that it has nothing more. Needs heartbeat_s."""
        before = self.heartbeats
        wait_until(lambda: self.heartbeats >= before + 2 or self.failure, "two heartbeats", patience_s)
        self._check()

    def stop(self):
        self._stopping = True
        try:
            self._loop.call_soon_threadsafe(self._task.cancel)
        except RuntimeError:  # it had ended by itself
            pass
        self._thread.join(timeout=20)
        if self._thread.is_alive():
            raise AssertionError("the client does not end")
        self._check()

    def _check(self):
        if self.failure is not None:
            raise AssertionError(f"the client failed: {self.failure!r}")

    def _run(self):
        self._task = self._loop.create_task(self._follow())
        try:
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            pass
        except Exception as failure:  # kept for the test's own thread
            self.failure = failure
        finally:
            self._loop.close()

    async def _follow(self):
        while not self._stopping:
            parameters = dict(self._parameters)
            if self.cursor is not None:
                parameters["cursor"] = self.cursor
            try:
                await self._one_connection(f"{self._url}?{urllib.parse.urlencode(parameters)}")
            except (OSError, asyncio.TimeoutError, websockets.InvalidMessage, websockets.InvalidStatusCode) as failure:
                if not self._reconnect:
                    raise
                self.closes.append((0, str(failure)))
            if not self._reconnect:
                return
            await asyncio.sleep(0.05)

    async def _one_connection(self, url):
        async with websockets.connect(url, max_size=None, open_timeout=20, ping_interval=None) as connection:
            self._connection = connection
            await self._read(connection)

    async def _read(self, connection):
        try:
            async for text in connection:
                self._take(text)
        except websockets.ConnectionClosed:
            pass
        self.closes.append((connection.close_code, connection.close_reason))

    def _take(self, text):
        message = json.loads(text)
        kind = message["type"]
        if kind == "events":
            for event in message["events"]:
                payload = self._keep(event["data"] if "data" in event else event.get("data_text"))
                self.events.append((event["offset"], event.get("subject", ""), payload))
            self.cursor = message["cursor"]
        elif kind == "hello":
            self.hellos.append(message)
        elif kind == "heartbeat":
            self.heartbeats += 1
            self.cursor = message["cursor"]
        elif kind == "gap":
            self.gaps.append(message)
        elif kind == "error":
            self.errors.append(message)


class TalkingClient(FirehoseClient):
    """Keeps every message in order, and says what it is told to. It does not connect again."""

    def __init__(self, url, **parameters):
        self.messages = []
        super().__init__(url, reconnect=False, **parameters)
        self.wait_hello()

    def say(self, message):
        asyncio.run_coroutine_threadsafe(self._connection.send(json.dumps(message)), self._loop).result(20)

    def ask(self, message):
        """Returns the answer, which has the id of the message."""
        self.say(message)
        return wait_until(lambda: next((m for m in list(self.messages) if m.get("id") == message["id"]), None),
                          lambda: f"{message} is answered; closes {self.closes}")

    def _take(self, text):
        super()._take(text)
        self.messages.append(json.loads(text))


class StoppedClient(FirehoseClient):
    """Reads the greeting and then nothing, as a client that hangs: its few kilobytes of buffers fill up and stay full.

    read_on() makes it read what there is, up to the end of the connection. It does not connect again.
    """

    def __init__(self, url, keep=None, **parameters):
        self._reading = asyncio.Event()
        super().__init__(url, reconnect=False, keep=keep, **parameters)

    def read_on(self):
        self._loop.call_soon_threadsafe(self._reading.set)

    async def _one_connection(self, url):
        host, port = urllib.parse.urlsplit(url).netloc.rsplit(":", 1)
        raw = socket.socket()
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.setblocking(False)
        await self._loop.sock_connect(raw, (host, int(port)))
        async with websockets.connect(url, sock=raw, max_size=None, open_timeout=20, ping_interval=None, max_queue=1,
                                      read_limit=1024) as connection:
            self._take(await connection.recv())
            connection.transport.pause_reading()
            await self._reading.wait()
            connection.transport.resume_reading()
            await self._read(connection)
