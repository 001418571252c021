#!/usr/bin/python3
"""Very many clients at once: stalled ones cost no memory and harm nobody, and have everything in the end; a herd that
connects is served, also right after a restart of the gateway.

Arguments: --stalled=N, --herd=N: how many clients.
"""

import argparse
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from crowd import Crowd  # noqa: E402
from log_client import LogClient, text_event  # noqa: E402
from processes import ProcessTest, peak_resident_kib, resident_kib  # noqa: E402
from services import EventLogService, GatewayService  # noqa: E402
from waiting import wait_until  # noqa: E402

HEALTHY = 100
RING_KIB = COLD_CACHE_KIB = 1024
# What a stalled client may cost in the gateway's memory while events pass: its own state.
STALLED_CLIENT_KIB = 2
# What the first events bring once, whatever their number: see stopped_client_test. 6 to 13 MiB were seen.
WARM_UP_KIB = 24 * 1024
EVENT_BYTES = 1000
BATCH = 10
WARM_EVENTS = 200
# Twice the ring and far more than the kernel's buffers of a client, which are fixed so that they do not grow.
EVENTS = 2 * RING_KIB * 1024 // EVENT_BYTES // BATCH * BATCH
# More than the bound on the memory: whoever kept for a client what passes would be seen, also when all keep the same.
MANY_EVENTS = 60_000
PATIENT = 20
RECEIVE_BUFFER_BYTES = 65536  # much less, and each segment of the loopback would wait for a timer
SEND_BUFFER_BYTES = 16384
NEVER_S = 3600
SLOW_CLIENT_DEADLINE_S = 15
PATIENCE_S = 240

parser = argparse.ArgumentParser()
parser.add_argument("--stalled", type=int, required=True)
parser.add_argument("--herd", type=int, required=True)
options, sys.argv[1:] = parser.parse_known_args()


class ManyClientsTest(ProcessTest):
    def setUp(self):
        super().setUp()
        self.log = EventLogService(self)
        self.producer = LogClient(self.log.grpc)
        self.addCleanup(self.producer.close)
        self.head = 0
        self.crowd = Crowd(self)

    def start_gateway(self, *flags):
        self.gateway = GatewayService(self, self.log, [
            f"--ring_bytes_max={RING_KIB << 10}", f"--cold_cache_bytes_max={COLD_CACHE_KIB << 10}", *flags])

    def append(self, count):
        for _ in range(count // BATCH):
            self.producer.append([text_event("many.item", '"%s"' % ("x" * EVENT_BYTES))] * BATCH)
        self.head += count

    def await_head(self, group):
        return self.crowd.await_offset(group, self.head - 1, PATIENCE_S)

    def stall_while_events_pass(self, slow_client_deadline_s, events):
        """Returns by how many KiB the gateway's memory grew."""
        self.start_gateway(f"--slow_client_deadline_s={slow_client_deadline_s}", f"--pong_deadline_s={NEVER_S}",
                           f"--send_buffer_bytes={SEND_BUFFER_BYTES}")
        query = "cursor=earliest&heartbeat_s=3600"
        self.crowd.connect("healthy", HEALTHY, self.gateway.public, query)
        self.crowd.connect("stalled", options.stalled, self.gateway.public, query, RECEIVE_BUFFER_BYTES)
        self.crowd.connect("patient", PATIENT, self.gateway.public, query, RECEIVE_BUFFER_BYTES)
        self.crowd.await_greeted("stalled", PATIENCE_S)
        self.crowd.await_greeted("patient", PATIENCE_S)
        self.append(WARM_EVENTS)
        self.await_head("healthy")
        self.await_head("stalled")
        before = resident_kib(self.gateway.child.pid)
        self.crowd.stall("stalled")
        self.crowd.stall("patient")
        self.append(events)
        healthy = self.await_head("healthy")
        self.assertEqual((HEALTHY, HEALTHY), (healthy["open"], healthy["greeted"]))
        self.assertEqual({"101": HEALTHY}, healthy["statuses"])
        self.assertLess(self.crowd.report("stalled")["offset_min"], self.head - 1, "nobody was stalled")
        return peak_resident_kib(self.gateway.child.pid) - before

    def slow(self):
        return self.gateway.stats()["disconnects"].get("slow", 0)

    def test_stalled_clients_cost_no_memory_and_read_on(self):
        grown = self.stall_while_events_pass(NEVER_S, MANY_EVENTS)
        bound = RING_KIB + COLD_CACHE_KIB + WARM_UP_KIB + STALLED_CLIENT_KIB * options.stalled
        print(f"{options.stalled} stalled clients: resident memory grew by {grown} KiB while "
              f"{MANY_EVENTS * EVENT_BYTES >> 10} KiB of events passed; bound {bound} KiB", flush=True)
        self.assertLess(bound, MANY_EVENTS * EVENT_BYTES >> 10, "too few events to show what is kept")
        self.assertLess(grown, bound)
        # All of it to all of them would take minutes: that is for some of them, and for all in the next test.
        self.crowd.close("stalled")
        self.crowd.read_on("patient")
        patient = self.await_head("patient")
        self.assertEqual((PATIENT, {}), (patient["open"], patient["closes"]))
        self.assertEqual((self.head, self.head), (patient["events_min"], patient["events_max"]))
        self.assertEqual(0, self.slow())

    def test_stalled_clients_are_closed_and_resume(self):
        self.stall_while_events_pass(SLOW_CLIENT_DEADLINE_S, EVENTS)
        wait_until(lambda: self.slow() == options.stalled + PATIENT, lambda: f"all are cut: {self.gateway.stats()}",
                   PATIENCE_S)
        self.crowd.read_on("stalled")
        self.crowd.await_all("stalled", "all see their end", lambda r: r["open"] == 0, PATIENCE_S)
        cut = self.crowd.report("stalled")
        # The Close frame of a client whose buffers were full may be lost with the connection; its last cursor is not.
        self.assertLessEqual(cut["closes"].keys(), {"4200"})
        print(f"{cut['closes'].get('4200', 0)} of {options.stalled} read their Close frame", flush=True)
        self.crowd.reconnect("stalled", self.gateway.public)
        stalled = self.await_head("stalled")
        self.assertEqual((self.head, self.head), (stalled["events_min"], stalled["events_max"]))
        healthy = self.crowd.report("healthy")
        self.assertEqual((HEALTHY, {}, 0), (healthy["open"], healthy["closes"], healthy["violations"]))

    def test_a_herd_connects_at_once_and_again_after_a_restart(self):
        self.start_gateway()
        began = time.monotonic()
        self.crowd.connect("herd", options.herd, self.gateway.public)
        self.crowd.await_greeted("herd", PATIENCE_S)
        print(f"{options.herd} clients greeted after {time.monotonic() - began:.1f} s; the gateway has "
              f"{resident_kib(self.gateway.child.pid)} KiB", flush=True)
        self.append(BATCH)
        self.await_head("herd")
        self.gateway.kill()
        self.append(BATCH)  # meanwhile
        self.crowd.await_all("herd", "all are cut", lambda r: r["open"] == 0, PATIENCE_S)
        self.gateway.start()
        began = time.monotonic()
        self.crowd.reconnect("herd", self.gateway.public)
        self.crowd.await_greeted("herd", PATIENCE_S)
        print(f"again after {time.monotonic() - began:.1f} s", flush=True)
        self.append(BATCH)
        herd = self.await_head("herd")
        self.assertEqual((self.head, self.head), (herd["events_min"], herd["events_max"]))
        self.assertEqual({"101": options.herd}, herd["statuses"])


if __name__ == "__main__":
    unittest.main()
