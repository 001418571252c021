#!/usr/bin/python3
"""The Python clients `websockets` and `aiohttp` agree with the gateway's codec."""

import asyncio
import os
import sys
import unittest

import aiohttp
import websockets
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from processes import ProcessTest, program  # noqa: E402

SIZES = (0, 1, 7, 125, 126, 127, 65535, 65536, 1 << 20)
TEXTS = ("", "x", "Grüße, κόσμε, 世界, 🌍", "a" * 125, "b" * 126, "ü" * 40000, "c" * (1 << 20))
PATIENCE_S = 60


AGREED = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
BOMB = "0" * (8 << 20)


class PythonClientsTest(ProcessTest):
    def setUp(self):
        super().setUp()
        self.url = self.echo_url("ws_echo")

    def echo_url(self, name, *flags):
        return f"ws://{self.start(name, [program('tests/support/ws_echo'), *flags]).ready()['ws']}/"

    def run_with_deadline(self, coroutine):
        asyncio.run(asyncio.wait_for(coroutine, PATIENCE_S))

    async def everything_comes_back(self, agreed, **options):
        async with websockets.connect(self.url, max_size=None, **options) as connection:
            self.assertEqual(agreed, connection.response_headers.get("Sec-WebSocket-Extensions"))
            for message in [*TEXTS, *(os.urandom(size) for size in SIZES)]:
                await connection.send(message)
                self.assertEqual(message, await connection.recv())

    def test_websockets_plain_text_and_binary_come_back(self):
        self.run_with_deadline(self.everything_comes_back(None, compression=None))

    def test_websockets_compressed_text_and_binary_come_back(self):
        self.run_with_deadline(self.everything_comes_back(AGREED))

    def test_websockets_any_window_is_agreed_on_and_kept(self):
        async def run():
            for bits in range(9, 16):
                await self.everything_comes_back(
                    f"{AGREED}; server_max_window_bits={bits}; client_max_window_bits={24 - bits}",
                    extensions=[ClientPerMessageDeflateFactory(server_max_window_bits=bits,
                                                               client_max_window_bits=24 - bits)])
        self.run_with_deadline(run())

    def test_websockets_a_window_that_is_too_small_is_not_agreed_on(self):
        small = ClientPerMessageDeflateFactory(server_max_window_bits=8)
        self.run_with_deadline(self.everything_comes_back(None, compression=None, extensions=[small]))
        other = ClientPerMessageDeflateFactory(server_no_context_takeover=True)
        self.run_with_deadline(self.everything_comes_back(AGREED, compression=None, extensions=[small, other]))

    def test_websockets_a_server_without_deflate_is_spoken_to_plainly(self):
        self.url = self.echo_url("plain", "--nodeflate")
        self.run_with_deadline(self.everything_comes_back(None))

    def test_websockets_a_bomb_ends_its_own_connection_alone(self):
        async def run():
            url = self.echo_url("strict", "--inflate_ratio_max=200")
            async with websockets.connect(url) as other, websockets.connect(url) as connection:
                await connection.send(BOMB)
                with self.assertRaises(websockets.exceptions.ConnectionClosedError):
                    await connection.recv()
                self.assertEqual((1009, "a message inflates to too many times its size"),
                                 (connection.close_code, connection.close_reason))
                await other.send("still there")
                self.assertEqual("still there", await other.recv())
            async with websockets.connect(url, compression=None, max_size=None) as plain:
                await plain.send(BOMB)
                self.assertEqual(BOMB, await plain.recv())
        self.run_with_deadline(run())

    def test_websockets_largest_message_comes_back(self):
        async def run():
            message = os.urandom(16 << 20)
            async with websockets.connect(self.url, max_size=None) as connection:
                await connection.send(message)
                self.assertEqual(message, await connection.recv())
        self.run_with_deadline(run())

    def test_websockets_fragments_with_pings_between_become_one_message(self):
        async def run():
            async with websockets.connect(self.url, max_size=None) as connection:
                async def fragments():
                    for part in ("fir", "", "st ü", "κ" * 3000, "end"):
                        await (await connection.ping())
                        yield part
                await connection.send(fragments())
                self.assertEqual("first ü" + "κ" * 3000 + "end", await connection.recv())
        self.run_with_deadline(run())

    def test_websockets_pings_are_answered_with_their_payload(self):
        async def run():
            async with websockets.connect(self.url) as connection:
                for payload in (b"", b"x", os.urandom(125)):
                    await (await connection.ping(payload))
                waiters = [await connection.ping(str(n)) for n in range(20)]
                await asyncio.gather(*waiters)
                await connection.pong(b"unasked")
                await connection.send("still there")
                self.assertEqual("still there", await connection.recv())
        self.run_with_deadline(run())

    def test_websockets_close_is_echoed(self):
        async def run():
            for code, reason in ((1000, ""), (1001, "leaving"), (3000, "ü" * 61), (4999, "x" * 123)):
                connection = await websockets.connect(self.url)
                await connection.close(code, reason)
                self.assertEqual((code, reason), (connection.close_code, connection.close_reason))
        self.run_with_deadline(run())

    def test_websockets_many_messages_keep_their_order(self):
        async def run():
            async with websockets.connect(self.url, max_queue=None) as connection:
                for number in range(2000):
                    await connection.send(str(number))
                self.assertEqual([str(n) for n in range(2000)], [await connection.recv() for _ in range(2000)])
        self.run_with_deadline(run())

    async def assert_aiohttp_echoes(self, connection):
        for text in TEXTS:
            await connection.send_str(text)
            self.assertEqual(text, await connection.receive_str())
        for size in SIZES:
            data = os.urandom(size)
            await connection.send_bytes(data)
            self.assertEqual(data, await connection.receive_bytes())

    def test_aiohttp_text_binary_ping_and_close(self):
        async def run():
            async with aiohttp.ClientSession() as session:
                async with session.ws_connect(self.url, max_msg_size=0, autoping=False) as connection:
                    await self.assert_aiohttp_echoes(connection)
                    await connection.ping(b"there?")
                    answer = await connection.receive()
                    self.assertEqual((aiohttp.WSMsgType.PONG, b"there?"), (answer.type, bytes(answer.data)))
                    await connection.close(code=4321, message=b"bye")
                    self.assertEqual(4321, connection.close_code)
        self.run_with_deadline(run())

    def test_aiohttp_compressed_messages_come_back(self):
        async def run():
            async with aiohttp.ClientSession() as session:
                for bits in (9, 12, 15):
                    async with session.ws_connect(self.url, compress=bits, max_msg_size=0) as connection:
                        self.assertGreater(connection.compress, 0)
                        await self.assert_aiohttp_echoes(connection)
        self.run_with_deadline(run())


if __name__ == "__main__":
    unittest.main()
