#!/usr/bin/python3
"""Eight producer processes at once: one order for everybody, nothing lost, nothing repeated."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
import oracle  # noqa: E402
from firehose import FirehoseClient  # noqa: E402
from log_client import LogClient  # noqa: E402
from processes import ProcessTest, program  # noqa: E402
from services import EventLogService, GatewayService  # noqa: E402

PRODUCERS = 8
EVENTS_EACH = 10_000
CLIENTS = 3


def payload(producer, number):
    return {"producer": producer, "number": number}


class ParallelProducersTest(ProcessTest):
    def test_eight_producers_one_order(self):
        log = EventLogService(self)
        gateway = GatewayService(self, log)
        clients = [FirehoseClient(gateway.url, cursor="latest", heartbeat_s=1).wait_hello() for _ in range(CLIENTS)]

        producers = [self.start_producer(log, number) for number in range(PRODUCERS)]
        for producer in producers:
            self.assertEqual(0, producer.wait(100), producer.err())

        total = PRODUCERS * EVENTS_EACH
        entries = oracle.log_entries(LogClient(log.grpc).read_from(0))
        self.assertEqual(total, len(entries))
        oracle.check_dense(entries)
        self.assertEqual(total, log.stats()["messages"])
        by_offset = {offset: (subject, data) for offset, subject, data in entries}
        for number, producer in enumerate(producers):
            payloads = [payload(number, n) for n in range(EVENTS_EACH)]
            oracle.check_each_once_in_order(entries, f"p{number}", payloads)
            offsets = oracle.Acknowledgements(producer).offsets()
            self.assertEqual(EVENTS_EACH, len(offsets))
            oracle.check_acknowledged(f"p{number}", offsets, payloads.__getitem__, by_offset)

        late = FirehoseClient(gateway.url, cursor="earliest", heartbeat_s=1).wait_hello()
        for client in clients + [late]:
            client.wait_events(total)
            client.wait_quiet()  # what is repeated behind the last event shows too
            client.stop()
            oracle.check_same("a client", client.events, entries)
            self.assertEqual([], client.gaps)
            self.assertEqual([], client.errors)
            self.assertEqual(1, len(client.hellos))

    def start_producer(self, log, number):
        path = os.path.join(self.folder, f"lines{number}")
        with open(path, "w", encoding="utf-8") as file:
            for n in range(EVENTS_EACH):
                file.write(json.dumps(payload(number, n)) + "\n")
        with open(path, "rb") as lines:
            return self.start(f"producer{number}", [
                program("producers/lines/lines"), f"--server={log.grpc}", "--type=load.line", f"--subject=p{number}",
                "--print_acks"], stdin=lines)


if __name__ == "__main__":
    unittest.main()
