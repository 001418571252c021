#!/usr/bin/python3
"""PROTOCOL.md is true: each of its examples is done with the real programs, from an empty log, and happens as it says.

A message that the example does not have is a difference too, except a heartbeat. When a block ends with an open
connection, a ping shows that nothing else was on its way.
"""

import asyncio
import http.client
import json
import os
import sys
import unittest
import urllib.parse

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/e2e"))
import websockets  # noqa: E402
from log_client import LogClient, message  # noqa: E402
from processes import ProcessTest, program  # noqa: E402
from protocol_examples import (ExampleError, difference, read_blocks, read_server_sent_events,  # noqa: E402
                               with_epoch)
from services import EventLogService, GatewayService  # noqa: E402
from waiting import wait_until  # noqa: E402

BLOCKS_LEAST = {"firehose": 6, "sse": 1}  # so many there are: none may get lost
PATIENCE_S = 60
REASON_BYTES_MAX = 123

with open(program("PROTOCOL.md"), encoding="utf-8") as file:
    BLOCKS = read_blocks(file.read())


class Conversation:
    """Does the steps of one block, in order, and raises ExampleError at the first that is not so."""

    def __init__(self, block, log, gateway):
        self._steps = list(block.steps)
        self._is_stream = block.language == "sse"
        self._client = LogClient(log.grpc)
        self._gateway = gateway
        self._epoch = gateway.stats()["log"]["epoch"]
        self._appended = 0
        self._connection = None

    async def run(self):
        does = {"append": self._append, "connect": self._connect, "<": self._expect, ">": self._say,
                "closed": self._expect_close, "get": self._get, "trim": self._trim, "restart": self._restart}
        while self._steps:
            step = self._steps.pop(0)
            try:
                await does[step.kind](with_epoch(step.value, self._epoch))
            except ExampleError as error:
                raise ExampleError(f"PROTOCOL.md:{step.line}: {error}\n  {step}") from None
        if self._connection:
            await self._expect_nothing_more()

    async def _append(self, event):
        self._client.append([message("Event")(**event)])
        self._appended += 1
        wait_until(lambda: self._gateway.stats()["log"]["head"] == self._appended, "the gateway has the event")

    async def _trim(self, offset):
        self._client.trim(offset)

    async def _restart(self, _):
        self._gateway.kill()
        self._gateway.start()

    async def _connect(self, query):
        if self._connection:
            await self._expect_nothing_more()
        self._connection = await websockets.connect(self._gateway.url + query, max_size=None, ping_interval=None)

    async def _receive(self):
        """The text of a message, or None at the end of the connection."""
        try:
            return await asyncio.wait_for(self._connection.recv(), PATIENCE_S)
        except websockets.ConnectionClosed:
            return None
        except asyncio.TimeoutError:
            raise ExampleError(f"nothing came for {PATIENCE_S} s") from None

    async def _receive_beside_heartbeats(self, wanted="any other"):
        while True:
            text = await self._receive()
            if text is None or wanted == "heartbeat" or json.loads(text)["type"] != "heartbeat":
                return text

    async def _expect(self, expected):
        text = await self._receive_beside_heartbeats(expected["type"])
        if text is None:
            raise ExampleError(f"the connection was closed: {self._connection.close_code} "
                               f"{self._connection.close_reason}")
        self._compare(expected, text)

    @staticmethod
    def _compare(expected, text):
        words = difference(expected, json.loads(text))
        if words:
            raise ExampleError(f"{words}\n  came: {text}")

    async def _say(self, value):
        await self._connection.send(json.dumps(value))

    async def _expect_close(self, expected):
        code, end = expected
        text = await self._receive_beside_heartbeats()
        if text is not None:
            raise ExampleError(f"not closed, there came: {text}")
        if self._connection.close_code != code:
            raise ExampleError(f"closed with {self._connection.close_code} {self._connection.close_reason}")
        if not self._connection.close_reason.endswith(end):
            raise ExampleError(f"the reason is {self._connection.close_reason}")
        if len(self._connection.close_reason.encode()) > REASON_BYTES_MAX:
            raise ExampleError(f"the reason is too long: {self._connection.close_reason}")
        self._connection = None

    async def _expect_nothing_more(self):
        await self._say({"type": "ping", "id": "nothing more"})
        text = await self._receive_beside_heartbeats()
        if text is None or json.loads(text).get("id") != "nothing more":
            raise ExampleError(f"at the end of its example the connection has more: {text}")
        await self._connection.close()
        self._connection = None

    async def _get(self, text):
        query, _, header = text.partition(" ")
        name, _, value = header.partition(": ")
        connection = http.client.HTTPConnection(self._gateway.public, timeout=PATIENCE_S)
        path = urllib.parse.urlsplit(self._gateway.url).path + query
        headers = {"Accept": "text/event-stream"} if self._is_stream else {}
        connection.request("GET", path, headers={**headers, **({name: value} if name else {})})
        answer = connection.getresponse()
        if self._steps and self._steps[0].kind == "status":
            self._expect_status(self._steps.pop(0), answer)
            if self._steps and self._steps[0].kind == "<":
                expected = with_epoch(self._steps.pop(0).value, self._epoch)
                self._compare(expected, answer.read().decode())
        else:
            self._expect_events(answer)
        connection.close()

    @staticmethod
    def _expect_status(step, answer):
        if answer.status != step.value:
            raise ExampleError(f"the status is {answer.status} {answer.read()[:500]!r}")

    def _expect_events(self, answer):
        found = (answer.status, answer.getheader("Content-Type"))
        if found != (200, "text/event-stream"):
            raise ExampleError(f"the answer is {found} {answer.read()[:500]!r}")
        came = [field for event in read_server_sent_events(answer.read().decode()) for field in event]
        while self._steps and self._steps[0].kind in ("id:", "data:"):
            step = self._steps.pop(0)
            field, text = came.pop(0) if came else ("nothing", "")
            if field + ":" != step.kind:
                raise ExampleError(f"at line {step.line} there came {field} {text}")
            expected = with_epoch(step.value, self._epoch)
            self._compare(expected, text if field == "data" else json.dumps(text))
        if came:
            raise ExampleError(f"there came more: {came}")
        if not self._steps or self._steps.pop(0).kind != "end":
            raise ExampleError("a stream that is read to its end has `end` behind it")


class ProtocolTest(ProcessTest):
    def test_no_example_is_lost(self):
        for language, least in BLOCKS_LEAST.items():
            self.assertGreaterEqual(sum(block.language == language for block in BLOCKS), least, language)


def _test_of(block):
    def test(self):
        log = EventLogService(self)
        asyncio.run(Conversation(block, log, GatewayService(self, log)).run())

    return test


for each in BLOCKS:
    setattr(ProtocolTest, f"test_{each.name}", _test_of(each))


if __name__ == "__main__":
    unittest.main()
