#!/usr/bin/python3
"""A client of the matrix (client_matrix_test.py says what it does) with Debian's python3-websockets: client.py SPEC."""

import asyncio
import json
import sys
import threading

import websockets


def show(**line):
    print(json.dumps(line), flush=True)


async def follow(spec):
    # With a bounded queue that is full, this library does not come to read the answer to its close.
    slow = {"max_queue": 1, "read_limit": 4096} if spec["pause_ms"] else {"max_queue": None}
    async with websockets.connect(spec["url"], compression="deflate" if spec["deflate"] else None, max_size=None,
                                  ping_interval=None, subprotocols=["eventlog.v1.json"], **slow) as connection:
        show(opened=connection.response_headers.get("Sec-WebSocket-Extensions", ""), protocol=connection.subprotocol)
        for parts in spec["say"]:
            await connection.send(parts if len(parts) > 1 else parts[0])
        events = answers = 0
        try:
            while events < spec["events"] or answers < spec["answers"]:
                text = await connection.recv()
                show(message=text)
                message = json.loads(text)
                events += len(message["events"]) if message["type"] == "events" else 0
                answers += message["type"] in ("ack", "page", "error")
                if spec["pause_ms"]:  # as slow as that is what is asked for
                    await asyncio.to_thread(threading.Event().wait, spec["pause_ms"] / 1000)
            # It reads no Close frame while its queue is full.
            closing = asyncio.ensure_future(connection.close(1000))
            async for _ in connection:
                pass
            await closing
        except websockets.ConnectionClosed:
            pass
        show(closed=connection.close_code, reason=connection.close_reason)


asyncio.run(follow(json.loads(sys.argv[1])))
