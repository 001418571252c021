#!/usr/bin/python3
"""The gateway has no descriptor left while the log comes back, or no memory: whom it serves it goes on serving, and it
recovers; where it cannot go on it ends at once, and its clients lose nothing."""

import os
import resource
import signal
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from firehose import FirehoseClient  # noqa: E402
from log_client import LogClient, text_event  # noqa: E402
from processes import ProcessTest, resident_kib  # noqa: E402
from raw_client import RawClient  # noqa: E402
from services import EventLogService, GatewayService  # noqa: E402
from waiting import wait_until  # noqa: E402

HEALTHY = 5
FILES_MAX = 100
CONNECTIONS = 2 * FILES_MAX
BATCH = 10
EVENT_BYTES = 10_000
# Of address space beyond what the gateway has when it is warm: far less than the events that pass.
SPARE_BYTES = 96 << 20
PASSING_BATCHES = 3 * (SPARE_BYTES // (BATCH * EVENT_BYTES))
SMALL_RING_BYTES = 1 << 20


class ExhaustedGatewayTest(ProcessTest):
    def setUp(self):
        super().setUp()
        self.log = EventLogService(self)
        self.producer = LogClient(self.log.grpc)
        self.addCleanup(self.producer.close)
        self.count = 0

    def append(self, batches=1, size=10):
        for _ in range(batches):
            self.producer.append_until_acknowledged([text_event("item", '"%s"' % ("x" * size))] * BATCH, None)
            self.count += BATCH

    def start_clients(self, gateway):
        self.healthy = [FirehoseClient(gateway.url, keep=len, cursor="earliest", heartbeat_s=1).wait_hello()
                        for _ in range(HEALTHY)]

    def check_clients(self, patience_s=120):
        """Each has everything once and in order."""
        for client in self.healthy:
            client.wait_events(self.count, patience_s)
            self.assertEqual(list(range(self.count)), [offset for offset, _, _ in client.events])
            self.assertEqual([], client.gaps)

    def stop_clients(self):
        for client in self.healthy:
            client.stop()

    @staticmethod
    def descriptors(gateway):
        return len(os.listdir(f"/proc/{gateway.child.pid}/fd"))

    def test_no_descriptor_is_left(self):
        gateway = GatewayService(self, self.log, prefix=["prlimit", f"--nofile={FILES_MAX}:{FILES_MAX}"])
        self.start_clients(gateway)
        self.append()
        self.check_clients()
        before = self.descriptors(gateway)
        # The kernel takes them all; the gateway has no descriptor for half of them.
        crowd = [RawClient(gateway.public) for _ in range(CONNECTIONS)]
        for client in crowd:
            self.addCleanup(client.__exit__)
            client.send(client.request("cursor=latest&heartbeat_s=3600"))
        wait_until(lambda: self.descriptors(gateway) >= FILES_MAX - 1, "no descriptor is left")
        self.append()
        self.check_clients()
        # Nor is one there for a new connection to the log.
        self.log.kill()
        self.log.start()
        self.append()
        for client in crowd[:CONNECTIONS // 2]:
            client.__exit__()
        self.check_clients()
        for client in crowd[CONNECTIONS // 2:]:
            self.assertEqual(101, client.read_head()[0])
            self.assertEqual("hello", client.read_message()["type"])
            client.__exit__()
        wait_until(gateway.is_serving, "it is ready")
        wait_until(lambda: self.descriptors(gateway) <= before, "the descriptors are back")
        self.append()
        self.check_clients()
        self.stop_clients()
        self.assertEqual([[]] * HEALTHY, [client.closes for client in self.healthy])

    def limit_memory(self, gateway):
        """So that only SPARE_BYTES are left to be had."""
        with open(f"/proc/{gateway.child.pid}/statm", encoding="ascii") as file:
            address_space = int(file.read().split()[0]) * resource.getpagesize()
        limit = address_space + SPARE_BYTES
        resource.prlimit(gateway.child.pid, resource.RLIMIT_AS, (limit, limit))

    def warm_up(self, *flags):
        gateway = GatewayService(self, self.log, flags)
        self.start_clients(gateway)
        self.append(50, EVENT_BYTES)
        self.check_clients()
        self.limit_memory(gateway)
        return gateway

    def test_little_memory_is_enough(self):
        gateway = self.warm_up(f"--ring_bytes_max={SMALL_RING_BYTES}", f"--cold_cache_bytes_max={SMALL_RING_BYTES}")
        self.append(PASSING_BATCHES, EVENT_BYTES)
        self.check_clients()
        self.stop_clients()
        self.assertEqual([[]] * HEALTHY, [client.closes for client in self.healthy])
        print(f"{self.count * EVENT_BYTES >> 20} MiB passed, {SPARE_BYTES >> 20} MiB were to be had; resident "
              f"{resident_kib(gateway.child.pid)} KiB", flush=True)

    def test_no_memory_is_left(self):
        gateway = self.warm_up(f"--ring_bytes_max={16 * SPARE_BYTES}")
        self.append(PASSING_BATCHES, EVENT_BYTES)
        code = gateway.child.wait()
        print(f"without memory the gateway ended by {signal.Signals(-code).name}", flush=True)
        # By whatever signal: a library that it needs may be the one that gets none, and gRPC does not look.
        self.assertLess(code, 0)
        gateway.start()
        self.check_clients()
        self.stop_clients()


if __name__ == "__main__":
    unittest.main()
