#!/usr/bin/python3
"""Many subscribers come and go while events are appended: some leave before they have read, some in the middle, some
never read. Those that stay get everything, and nothing of those that went is left in the service."""

import os
import re
import sys
import unittest
import urllib.request

import grpc

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
import oracle  # noqa: E402
from batch_producer import BatchProducer  # noqa: E402
from log_client import LogClient, message, text_event  # noqa: E402
from processes import ProcessTest, resident_kib  # noqa: E402
from services import EventLogService  # noqa: E402
from waiting import wait_until  # noqa: E402

AT_ONCE = 200
CHANNELS = 10
# Some megabytes, so that no subscription comes to the end with its first messages.
OLDER_BATCHES, BATCH_EVENTS, PADDING = 16, 1000, "x" * 500
# What one thread of the service frees serves the next one, too.
ENVIRONMENT = {**os.environ, "MALLOC_ARENA_MAX": "1"}
# A subscription that is not read from holds a message of 256 KiB that is on its way, and the one behind it. The
# allocator keeps the most that was in use at once, so this and half of it is what AT_ONCE of them may leave, however
# often they come.
GROWTH_KIB_MAX = AT_ONCE * 2 * 256 * 3 // 2

subscribers = int(sys.argv.pop().split("=")[1])


class SubscribersComeAndGoTest(ProcessTest):
    def subscribe(self, channel):
        call = channel.unary_stream("/eventlog.v1.EventLog/Subscribe",
                                    request_serializer=message("SubscribeRequest").SerializeToString,
                                    response_deserializer=message("SubscribeResponse").FromString)
        request = message("SubscribeRequest")()
        request.earliest.SetInParent()
        return call(request)

    def subscriptions(self):
        with urllib.request.urlopen(f"http://{self.log.http}/metrics", timeout=20) as response:
            page = response.read().decode()
        return int(float(re.search(r"^eventlog_subscriptions (\S+)$", page, re.MULTILINE).group(1)))

    def quiet_kib(self):
        """Resident memory once they have gone."""
        wait_until(lambda: self.subscriptions() == 1, lambda: f"{self.subscriptions()} are left, one stays")
        return resident_kib(self.log.child.pid)

    def come_and_go(self, channels):
        """AT_ONCE of them: a third leaves unread, a third reads its start, a third reads events."""
        calls = [self.subscribe(channels[number % CHANNELS]) for number in range(AT_ONCE)]
        for number, call in enumerate(calls):
            if number % 3 > 0:
                self.assertTrue(next(call).HasField("started"))
            if number % 3 > 1:
                self.assertTrue(next(call).HasField("batch"))
        for call in calls:
            call.cancel()

    def test_nothing_of_them_is_left(self):
        self.log = EventLogService(self, env=ENVIRONMENT)
        client = LogClient(self.log.grpc)
        for _ in range(OLDER_BATCHES):
            client.append([text_event("older.item", PADDING)] * BATCH_EVENTS)
        producer = BatchProducer(self.log.grpc, "batches")
        staying = grpc.insecure_channel(self.log.grpc)
        reader = self.subscribe(staying)
        channels = [grpc.insecure_channel(self.log.grpc, options=[("grpc.use_local_subchannel_pool", 1)])
                    for _ in range(CHANNELS)]
        self.assertTrue(next(reader).HasField("started"))
        before_kib = after_kib = self.quiet_kib()
        for _ in range(subscribers // AT_ONCE):
            self.come_and_go(channels)
            after_kib = self.quiet_kib()
        growth_kib = after_kib - before_kib
        print(f"{subscribers} subscribers came and went; resident memory grew by {growth_kib} KiB", flush=True)
        self.assertLess(growth_kib, GROWTH_KIB_MAX)
        producer.stop()

        records = client.read_from(0)
        client.close()
        self.assertEqual(len(producer.sizes), oracle.check_batches(records, "batches"))
        seen = []
        while len(seen) < len(records):
            seen += [record.offset for record in next(reader).batch.records]
        self.assertEqual([record.offset for record in records], seen)
        reader.cancel()
        for channel in (staying, *channels):
            channel.close()
        wait_until(lambda: self.subscriptions() == 0, "the last one is gone")
        self.assertEqual(0, self.log.stop())


if __name__ == "__main__":
    unittest.main()
