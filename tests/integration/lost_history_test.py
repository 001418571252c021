#!/usr/bin/python3
"""A client that is behind while the log loses its oldest events is told of the gap, exactly, and gets all the rest; one
whose log was replaced by another is told so, and a cursor of the old one is refused by every gateway."""

import os
import shutil
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from firehose import FirehoseClient, StoppedClient  # noqa: E402
from log_client import LogClient, text_event  # noqa: E402
from processes import ProcessTest  # noqa: E402
from services import EventLogService, GatewayService  # noqa: E402
from waiting import wait_until  # noqa: E402

EVENTS, BATCH = 6000, 50
EVENT_BYTES = 1000
SEGMENT_BYTES = 256 * 1024
KEPT_BYTES = 1 << 20
NEVER_S = 3600
GATEWAY_FLAGS = ["--ring_bytes_max=65536", "--cold_cache_bytes_max=65536", "--send_buffer_bytes=16384",
                 f"--slow_client_deadline_s={NEVER_S}", f"--pong_deadline_s={NEVER_S}"]


def offset_of(cursor):
    return int(cursor.rpartition(":")[2])


class LostHistoryTest(ProcessTest):
    def setUp(self):
        super().setUp()
        self.log = EventLogService(self, [f"--segment_bytes={SEGMENT_BYTES}"])
        self.client = LogClient(self.log.grpc)
        self.addCleanup(self.client.close)
        self.gateway = GatewayService(self, self.log, GATEWAY_FLAGS)

    def append(self, first, count):
        for start in range(first, first + count, BATCH):
            self.client.append([text_event("item", '{"n":%d,"padding":"%s"}' % (number, "x" * EVENT_BYTES))
                                for number in range(start, start + BATCH)])

    def follow(self, kind=FirehoseClient, url=None, **query):
        return kind(url or self.gateway.url, keep=lambda payload: payload["n"], **query)

    def check_gap(self, client, start):
        """One gap, from where the client was up to the start of the log, and everything on both sides of it."""
        self.assertEqual(1, len(client.gaps), client.gaps)
        gap = client.gaps[0]
        self.assertEqual("TRIMMED", gap["reason"])
        self.assertEqual(start, offset_of(gap["until"]) + 1)
        before = offset_of(gap["after"]) + 1
        self.assertLess(before, start, "a gap of nothing")
        self.assertTrue([number for _, _, number in client.events] == [*range(before), *range(start, EVENTS)],
                        f"{len(client.events)} events around {gap}")
        self.assertEqual(([], []), (client.closes, client.errors))

    def test_a_trim_under_a_client_that_is_behind_is_a_gap(self):
        self.append(0, BATCH)
        stopped = self.follow(StoppedClient, cursor="earliest", heartbeat_s=1).wait_hello()
        self.append(BATCH, EVENTS - BATCH)
        start = self.client.trim(EVENTS - 1000)
        self.assertGreater(start, EVENTS // 2)
        stopped.read_on()
        wait_until(lambda: stopped.cursor and offset_of(stopped.cursor) == EVENTS - 1 or stopped.failure,
                   lambda: f"it reads to the end: {stopped.cursor} {stopped.closes}")
        stopped.stop()
        self.check_gap(stopped, start)
        print(f"the client that was behind had {offset_of(stopped.gaps[0]['after']) + 1} events, then the gap, and the "
              f"other {EVENTS - start}", flush=True)

    def test_retention_under_a_cursor_is_a_gap(self):
        self.append(0, BATCH)
        first = self.follow(cursor="earliest").wait_hello()
        first.wait_events(BATCH)
        first.stop()
        self.append(BATCH, EVENTS - BATCH)
        self.client.keep_bytes(KEPT_BYTES)
        wait_until(lambda: self.client.stats_once().start_offset > BATCH, "retention has removed the oldest")
        late = self.follow(cursor=first.cursor, heartbeat_s=1).wait_hello()
        start = self.client.stats_once().start_offset
        wait_until(lambda: late.cursor and offset_of(late.cursor) == EVENTS - 1, "the late one has the rest")
        late.stop()
        self.assertEqual(1, len(late.gaps), late.gaps)
        self.assertEqual(BATCH - 1, offset_of(late.gaps[0]["after"]))
        found = offset_of(late.gaps[0]["until"]) + 1
        self.assertLessEqual(found, start)
        self.assertGreater(found, BATCH)
        self.assertTrue([number for _, _, number in late.events] == list(range(found, EVENTS)))

    def test_a_log_that_was_replaced_ends_its_clients(self):
        self.append(0, BATCH)
        client = self.follow(cursor="earliest", reconnect=False, heartbeat_s=1).wait_hello()
        client.wait_events(BATCH)
        old = client.cursor
        other = GatewayService(self, self.log, name="other gateway")
        self.log.stop()
        shutil.rmtree(self.log.data_dir)
        self.log.start()
        self.append(0, 2 * BATCH)
        wait_until(lambda: client.closes or client.failure, "the client is told")
        client.stop()
        self.assertEqual(4001, client.closes[0][0], client.closes)
        self.assertEqual([(True, False)], [(bool(error["code"]), error["retry"]) for error in client.errors])
        self.assertEqual(BATCH, len(client.events), "events of the new log were given as if they were the old one's")
        for gateway in (self.gateway, other):
            wait_until(gateway.is_serving, "the gateway follows the new log")
            refused = self.follow(url=gateway.url, cursor=old, reconnect=False)
            wait_until(lambda c=refused: c.closes or c.failure, "the old cursor is refused")
            refused.stop()
            self.assertEqual(4001, refused.closes[0][0], refused.closes)
            self.assertEqual((["CURSOR_WRONG_EPOCH"], []), ([e["code"] for e in refused.errors], refused.events))
            anew = self.follow(url=gateway.url, cursor="earliest").wait_hello()
            anew.wait_events(2 * BATCH)
            anew.stop()
            self.assertEqual(list(range(2 * BATCH)), [number for _, _, number in anew.events])


if __name__ == "__main__":
    unittest.main()
