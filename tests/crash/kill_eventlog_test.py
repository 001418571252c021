#!/usr/bin/python3
"""kill -9 of the log under load, again and again: what was acknowledged is there, whole, once, at its offset."""

import json
import os
import random
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
import oracle  # noqa: E402
from batch_producer import BatchProducer  # noqa: E402
from firehose import FirehoseClient  # noqa: E402
from log_client import LogClient  # noqa: E402
from processes import Feeder, ProcessTest, program  # noqa: E402
from services import EventLogService, GatewayService  # noqa: E402
from waiting import wait_until  # noqa: E402

LINE_PRODUCERS = 2
LINES_PER_SECOND = 3000
EVENTS_PER_ROUND = (300, 3000)  # acknowledged before the kill

rounds = int(sys.argv.pop().split("=")[1])


def payload(producer, number):
    return {"producer": producer, "number": number}


class KillEventLogTest(ProcessTest):
    def test_acknowledged_events_survive(self):
        seed = int.from_bytes(os.urandom(4), "little")
        print(f"seed {seed}", flush=True)
        choose = random.Random(seed)
        log = EventLogService(self)
        gateway = GatewayService(self, log)
        client = FirehoseClient(gateway.url, cursor="latest", heartbeat_s=1).wait_hello()
        self.start_producers(log)
        reader = LogClient(log.grpc)
        self.verified = []

        for number in range(rounds):
            progress = self.acknowledged_count() + choose.randint(*EVENTS_PER_ROUND)
            wait_until(lambda: self.acknowledged_count() >= progress,
                       lambda: f"round {number}: {progress} acknowledged, {self.acknowledged_count()} are")
            log.kill()
            acknowledged = self.acknowledgements()
            log.start()
            self.check_paused(reader, acknowledged)
            print(f"round {number}: {len(self.verified)} records, "
                  f"all {sum(map(len, acknowledged))} acknowledgements kept", flush=True)

        self.stop_producers()
        self.check_log(reader, self.acknowledgements())
        self.check_everything_once()
        self.check_client(client, gateway)

    def start_producers(self, log):
        self.lines, self.feeders, self.lines_acknowledged = [], [], []
        for number in range(LINE_PRODUCERS):
            child = self.start(f"lines{number}", [
                program("producers/lines/lines"), f"--server={log.grpc}", "--type=load.line", f"--subject=p{number}",
                "--print_acks"], stdin=subprocess.PIPE)
            self.lines.append(child)
            self.lines_acknowledged.append(oracle.Acknowledgements(child))
            self.feeders.append(Feeder(child.process.stdin, lambda n, p=number: json.dumps(payload(p, n)),
                                       LINES_PER_SECOND))
        self.batches = BatchProducer(log.grpc, "batches")

    def stop_producers(self):
        """They end by themselves, with everything acknowledged."""
        self.sent = [feeder.stop() for feeder in self.feeders]
        for child, sent, acknowledged in zip(self.lines, self.sent, self.lines_acknowledged):
            self.assertEqual(0, child.wait(), child.err())
            self.assertEqual(sent, len(acknowledged.offsets()))
        self.batches.stop()

    def acknowledgements(self):
        """Of each producer; copies, taken now."""
        return [list(lines.offsets()) for lines in self.lines_acknowledged] + [list(self.batches.acknowledged)]

    def acknowledged_count(self):
        self.assertIsNone(self.batches.failure)
        return sum(map(len, self.acknowledgements()))

    def check_paused(self, reader, acknowledged):
        """While the producers send only what they had read already: else each check takes longer than the one before,
        and more is appended meanwhile than between two kills."""
        for producer in (*self.feeders, self.batches):
            producer.pause()
        self.check_log(reader, acknowledged)
        for producer in (*self.feeders, self.batches):
            producer.resume()

    def check_log(self, reader, acknowledged):
        """What was read before is there unchanged; what is new is whole; what was acknowledged is at its offset."""
        records = reader.read_from(0)
        before, self.verified = self.verified, oracle.log_entries(records)
        oracle.check_same("the log before the kill", before, self.verified[:len(before)])
        oracle.check_dense(self.verified)
        oracle.check_batches(records, self.batches.subject)
        by_offset = {offset: (subject, data) for offset, subject, data in self.verified}
        for number in range(LINE_PRODUCERS):
            oracle.check_acknowledged(f"p{number}", acknowledged[number], lambda n, p=number: payload(p, n), by_offset)
        batch_at = {record.offset: (record.event.subject, record.event.attributes["batch"]) for record in records
                    if record.event.attributes["index"] == "0"}
        oracle.check_acknowledged(self.batches.subject, acknowledged[-1], str, batch_at)

    def check_everything_once(self):
        for number, sent in enumerate(self.sent):
            oracle.check_each_once_in_order(self.verified, f"p{number}", [payload(number, n) for n in range(sent)])
        self.assertEqual(sum(self.sent) + sum(self.batches.sizes), len(self.verified))
        self.assertEqual(len(self.batches.sizes), len(self.batches.acknowledged))

    def check_client(self, client, gateway):
        """The client noticed nothing but a pause."""
        client.wait_events(len(self.verified))
        client.wait_quiet()
        client.stop()
        oracle.check_same("the client", client.events, self.verified)
        self.assertEqual([], client.gaps)
        self.assertEqual([], client.errors)
        self.assertEqual([], client.closes)
        self.assertIsNone(gateway.child.process.poll())


if __name__ == "__main__":
    unittest.main()
