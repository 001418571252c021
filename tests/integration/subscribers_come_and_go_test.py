#!/usr/bin/python3
"""Many subscribers come and go while events are appended: some leave before they have read, some in the middle, some
never read. Those that stay get everything, and nothing of those that went is left in the service."""

import os
import re
import struct
import sys
import unittest
import urllib.request

import grpc

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
import oracle  # noqa: E402
from batch_producer import BatchProducer  # noqa: E402
from log_client import LogClient, message, text_event  # noqa: E402
from processes import ProcessTest, program  # noqa: E402
from services import EventLogService  # noqa: E402
from waiting import wait_until  # noqa: E402

AT_ONCE = 200
CHANNELS = 10
# Some megabytes, so that no subscription comes to the end with its first messages.
OLDER_BATCHES, BATCH_EVENTS, PADDING = 16, 1000, "x" * 500
# Subscriptions that are left hold some kilobytes each, and a message of 256 KiB where it is not read. What the producer
# and the log need meanwhile is less than this.
GROWTH_BYTES_MAX = 2 * 1024 * 1024

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

    def bytes_in_use(self):
        """Of the service's heap, once they have gone."""
        wait_until(lambda: self.subscriptions() == 1, lambda: f"{self.subscriptions()} are left, one stays")
        with open(self.counters, "rb") as file:
            return struct.unpack("<qq", file.read())[1]

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
        self.counters = os.path.join(self.folder, "counters")
        with open(self.counters, "wb") as file:
            file.write(bytes(16))
        self.log = EventLogService(self, env={**os.environ, "EVENTLOG_ALLOCATIONS_FILE": self.counters,
                                              "LD_PRELOAD": program("tests/bench/libcounted_malloc.so")})
        client = LogClient(self.log.grpc)
        for _ in range(OLDER_BATCHES):
            client.append([text_event("older.item", PADDING)] * BATCH_EVENTS)
        producer = BatchProducer(self.log.grpc, "batches")
        staying = grpc.insecure_channel(self.log.grpc)
        reader = self.subscribe(staying)
        channels = [grpc.insecure_channel(self.log.grpc, options=[("grpc.use_local_subchannel_pool", 1)])
                    for _ in range(CHANNELS)]
        self.assertTrue(next(reader).HasField("started"))
        in_use = []
        for _ in range(subscribers // AT_ONCE):
            self.come_and_go(channels)
            in_use.append(self.bytes_in_use())
        # The first round makes what stays: connections, caches.
        growth = in_use[-1] - in_use[0]
        print(f"{subscribers} subscribers came and went; the heap in use grew by {growth} bytes", flush=True)
        self.assertLess(growth, GROWTH_BYTES_MAX)
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
