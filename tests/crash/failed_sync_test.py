#!/usr/bin/python3
"""A failed sync of the real service: nothing is acknowledged any more, nobody sees what was not kept, and a restart
brings back exactly what was acknowledged. Once, looked at closely; then again and again under load."""

import os
import random
import sys
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
import grpc  # noqa: E402
import oracle  # noqa: E402
from batch_producer import BatchProducer  # noqa: E402
from firehose import FirehoseClient  # noqa: E402
from log_client import LogClient, reasons_of, text_event  # noqa: E402
from processes import ProcessTest, program  # noqa: E402
from services import EventLogService, GatewayService  # noqa: E402
from waiting import wait_until  # noqa: E402

EVENTS = 50
REFUSED = 10
PRODUCERS = 4
BATCHES_PER_ROUND = (5, 60)  # acknowledged before the trigger is set
LET_THROUGH_MAX = 30  # syncs behind the trigger
SEGMENT_BYTES = 65536  # so that some of them are those of a new segment

rounds = int(sys.argv.pop().split("=")[1])


class FailedSyncTest(ProcessTest):
    def setUp(self):
        super().setUp()
        self.trigger = os.path.join(self.folder, "fail the next sync")
        environment = dict(os.environ, LD_PRELOAD=program("tests/crash/failing_sync.so"),
                           FAILING_SYNC_TRIGGER=self.trigger)
        self.log = EventLogService(self, [f"--segment_bytes={SEGMENT_BYTES}"], env=environment)
        self.client = LogClient(self.log.grpc)

    def refusal(self, payload):
        """Of one append, or None when it is acknowledged."""
        try:
            self.client.append([text_event("sync.test", f'"{payload}"')])
        except grpc.RpcError as error:
            return error
        return None

    def entries(self):
        return oracle.log_entries(self.client.read_from(0))

    def readiness(self):
        try:
            with urllib.request.urlopen(f"http://{self.log.http}/readyz", timeout=20) as response:
                return response.status
        except urllib.error.HTTPError as error:
            return error.code

    def test_first_failure_stops_the_log_until_a_restart(self):
        gateway = GatewayService(self, self.log)
        watcher = FirehoseClient(gateway.url, cursor="earliest", heartbeat_s=1).wait_hello()
        for number in range(EVENTS):
            self.client.append([text_event("sync.test", str(number))])
        kept = [(number, "", number) for number in range(EVENTS)]
        self.assertEqual(kept, self.entries())
        self.assertEqual(200, self.readiness())
        self.assertTrue(self.client.serving())

        with open(self.trigger, "w", encoding="utf-8"):
            pass
        for number in range(REFUSED):
            error = self.refusal(f"refused-{number}")
            self.assertIsNotNone(error, "acknowledged after a failed sync")
            self.assertEqual(grpc.StatusCode.UNAVAILABLE, error.code(), error)
            self.assertEqual(["STORAGE_FAILED"], reasons_of(error))
        self.assertFalse(os.path.exists(self.trigger), "the sync did not fail")
        self.assertEqual(503, self.readiness())
        self.assertFalse(self.client.serving(), "balancers would send more appends")
        self.assertEqual(kept, self.entries())
        self.assertEqual(EVENTS, self.log.stats()["messages"])
        watcher.wait_events(EVENTS)
        watcher.wait_quiet()
        self.assertEqual(kept, watcher.events, "somebody saw an event that was not kept")

        self.assertEqual(1, self.log.stop(), "a log that failed does not end as if all were well")
        self.log.start()
        self.assertEqual(kept, self.entries())
        self.assertTrue(self.client.serving())
        self.assertIsNone(self.refusal("accepted"))
        self.assertEqual(200, self.readiness())
        after = kept + [(EVENTS, "", "accepted")]
        self.assertEqual(after, self.entries())
        watcher.wait_events(len(after))
        watcher.wait_quiet()
        watcher.stop()
        self.assertEqual(after, watcher.events)

    def test_every_failure_under_load_stops_it_and_nothing_acknowledged_is_lost(self):
        seed = int.from_bytes(os.urandom(4), "little")
        print(f"seed {seed}", flush=True)
        choose = random.Random(seed)
        producers = [BatchProducer(self.log.grpc, f"producer{number}") for number in range(PRODUCERS)]
        self.verified = []  # (offset, subject, batch) of each record
        for number in range(rounds):
            due = self.acknowledged_count(producers) + choose.randint(*BATCHES_PER_ROUND)
            wait_until(lambda: self.acknowledged_count(producers) >= due, f"{due} batches are acknowledged")
            self.fail_sync(choose.randint(0, LET_THROUGH_MAX))
            self.restart_after_failure(producers)
        for producer in producers:
            producer.stop()
        self.verify_acknowledged(producers)
        records = self.client.read_from(0)
        for producer in producers:
            self.assertEqual(len(producer.acknowledged), oracle.check_batches(records, producer.subject))
        print(f"{rounds} syncs failed; {self.acknowledged_count(producers)} batches acknowledged, "
              f"{len(records)} records", flush=True)

    def fail_sync(self, let_through):
        """Waits until the log has stopped because of it."""
        with open(self.trigger + ".new", "w", encoding="utf-8") as file:
            file.write(str(let_through))
        os.rename(self.trigger + ".new", self.trigger)
        wait_until(lambda: not self.client.serving(), "the log has stopped")
        self.assertFalse(os.path.exists(self.trigger), "it stopped before a sync failed")

    def restart_after_failure(self, producers):
        """What it has when it stopped is all that it acknowledges, and is there after the restart."""
        kept = self.log.stats()["messages"]
        for number in range(2):
            error = self.refusal(f"refused-{number}")
            self.assertIsNotNone(error, "acknowledged after a failed sync")
            self.assertEqual(["STORAGE_FAILED"], reasons_of(error))
        self.assertEqual(503, self.readiness())
        self.assertEqual(kept, self.log.stats()["messages"])
        before = self.read_entries(self.verified[-1][0] + 1 if self.verified else 0)
        self.assertEqual(kept, len(self.verified) + len(before))
        self.assertEqual(1, self.log.stop(), "a log that failed does not end as if all were well")
        self.log.start()
        after = self.read_entries(before[0][0] if before else kept)
        oracle.check_same("the log before the restart", before, after[:len(before)])
        self.verified += after
        oracle.check_dense(self.verified)
        self.verify_acknowledged(producers)

    def read_entries(self, offset):
        return [(record.offset, record.event.subject, record.event.attributes["batch"])
                for record in self.client.read_from(offset)]

    def verify_acknowledged(self, producers):
        """Each batch that is acknowledged by now begins at its offset."""
        acknowledged = [(producer.subject, list(producer.acknowledged)) for producer in producers]
        self.verified += self.read_entries(len(self.verified))
        for subject, offsets in acknowledged:
            for number, offset in enumerate(offsets):
                self.assertEqual((offset, subject, str(number)), self.verified[offset])

    def acknowledged_count(self, producers):
        for producer in producers:
            self.assertIsNone(producer.failure)
        return sum(len(producer.acknowledged) for producer in producers)


if __name__ == "__main__":
    unittest.main()
