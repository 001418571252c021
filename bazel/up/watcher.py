"""A real WebSocket client of the gateway, on a thread of its own."""

import asyncio
import json
import threading

import websockets

from agreement import as_written


class Watcher:
    """Collects the events that the gateway sends, with numbers as they were written so that payloads can be compared
    exactly. `on_event` is called with each event, plain, on the watcher's thread."""

    def __init__(self, url, on_event):
        self.events = []  # appended by the watcher's thread alone
        self.error = ""
        self._url = url
        self._on_event = on_event
        self._changed = threading.Condition()
        self._hello = False
        self._idle = 0  # heartbeats seen
        self._ended = False
        self._loop = asyncio.new_event_loop()
        self._task = self._loop.create_task(self._watch())
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def wait_hello(self, timeout_s):
        """Whether the gateway said where this client starts."""
        with self._changed:
            self._changed.wait_for(lambda: self._hello or self._ended, timeout_s)
            return self._hello

    def wait_events(self, count, patience_s):
        """Until `count` events came and then nothing for a heartbeat; gives up `patience_s` after the last event."""
        with self._changed:
            while len(self.events) < count and not self._ended:
                before = len(self.events)
                if not self._changed.wait_for(lambda: len(self.events) > before or self._ended, patience_s):
                    return
            heartbeats = self._idle
            self._changed.wait_for(lambda: self._idle > heartbeats or self._ended, patience_s)

    def close(self):
        try:
            self._loop.call_soon_threadsafe(self._task.cancel)
        except RuntimeError:
            pass  # the gateway ended it first: the loop is closed
        self._thread.join(timeout=5)

    def _run(self):
        try:
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            pass
        except (OSError, websockets.WebSocketException) as failure:
            self.error = f"the watcher lost the gateway: {failure}"
        finally:
            self._loop.close()
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    async def _watch(self):
        async with websockets.connect(self._url, max_size=None) as socket:
            async for text in socket:
                self._take(text)

    def _take(self, text):
        message = json.loads(text)
        kind = message["type"]
        with self._changed:
            if kind == "hello":
                self._hello = True
            elif kind == "heartbeat":
                self._idle += 1
            elif kind == "events":
                self.events += json.loads(text, parse_int=as_written, parse_float=as_written)["events"]
            elif kind in ("error", "gap"):
                self.error = f"the gateway sent {text}"
            self._changed.notify_all()
        if kind == "events":
            for event in message["events"]:
                self._on_event(event)
