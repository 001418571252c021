#!/usr/bin/python3
"""What PROTOCOL.md promises of positions holds under load, event by event: changes of options hold from exactly where
their acknowledgement says, pages join without a seam, and viewers' modes leave out what they say and nothing else."""

import os
import random
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from batch_producer import BatchProducer  # noqa: E402
from firehose import TalkingClient  # noqa: E402
from log_client import LogClient  # noqa: E402
from processes import ProcessTest  # noqa: E402
from services import EventLogService, GatewayService  # noqa: E402
from waiting import wait_until  # noqa: E402

SUBJECTS = ("left", "middle", "right")
CHANGES = 60  # below the burst of messages that a client may send
EVENTS = 2000
FILTERS = [{}, {"subjects": ["left"]}, {"subjects": ["right", "left"]}, {"attributes": {"index": "0"}},
           {"types": ["batch.*"], "attributes": {"index": ["1", "2"]}}, {"types": ["nothing"]}]


def offset_of(cursor):
    return int(cursor.rpartition(":")[2])


def offsets(events):
    return [event["offset"] for event in events]


def passes(rule, event):
    wanted = rule.get("attributes", {}).get("index")
    return (("subjects" not in rule or event.subject in rule["subjects"]) and rule.get("types") != ["nothing"] and
            (wanted is None or event.attributes["index"] in wanted))


class FirehosePromisesTest(ProcessTest):
    def setUp(self):
        super().setUp()
        seed = int.from_bytes(os.urandom(4), "little")
        print(f"seed {seed}", flush=True)
        self.choose = random.Random(seed)
        self.log = EventLogService(self)
        self.gateway = GatewayService(self, self.log)
        self.client = LogClient(self.log.grpc)
        self.producers = [BatchProducer(self.log.grpc, subject) for subject in SUBJECTS]

    def records(self):
        """All there is, when the load has ended."""
        for producer in self.producers:
            producer.stop()
        return self.client.read_from(0)

    def wait_head(self, least):
        wait_until(lambda: self.gateway.stats()["log"]["head"] >= least, "there is something to read")

    def wait_cursor(self, client, offset):
        """Until the client was told of everything up to this offset."""
        wait_until(lambda: client.cursor and offset_of(client.cursor) >= offset,
                   lambda: f"offset {offset}: {client.cursor} {client.closes} {client.messages[-3:]}")

    def test_options_hold_from_where_their_ack_says(self):
        client = TalkingClient(self.gateway.url, cursor="latest", heartbeat_s=1)
        rules = [(offset_of(client.hellos[0]["cursor"]), {})]
        for number in range(CHANGES):
            rule = self.choose.choice(FILTERS)
            self.wait_head(self.gateway.stats()["log"]["head"] + self.choose.randint(0, 100))
            ack = client.ask({"type": "options", "id": str(number), "filter": rule})
            self.assertEqual("ack", ack["type"], ack)
            rules.append((offset_of(ack["effective_after"]), rule))
        records = self.records()
        self.wait_cursor(client, records[-1].offset)
        client.stop()
        self.assertEqual(sorted(rules, key=lambda each: each[0]), rules, "an ack went back")
        expected = []
        for (after, rule), (until, _) in zip(rules, rules[1:] + [(records[-1].offset, None)]):
            expected += [record.offset for record in records[after + 1:until + 1] if passes(rule, record.event)]
        self.assertEqual(expected, [offset for offset, _, _ in client.events])
        # Also in the order of the messages: what comes behind an ack is behind its position.
        after = -1
        for message in client.messages:
            if message["type"] == "events":
                self.assertGreater(message["events"][0]["offset"], after)
                after = max(after, offset_of(message["cursor"]))
            elif message["type"] == "ack":
                self.assertGreaterEqual(offset_of(message["effective_after"]), after)
                after = offset_of(message["effective_after"])

    def test_a_paused_client_gets_nothing_and_loses_nothing(self):
        client = TalkingClient(self.gateway.url, cursor="earliest", heartbeat_s=1)
        for number in range(CHANGES // 2):
            client.ask({"type": "pause", "id": f"p{number}"})
            self.wait_head(self.gateway.stats()["log"]["head"] + self.choose.randint(0, 100))
            client.ask({"type": "resume", "id": f"r{number}"})
        records = self.records()
        self.wait_cursor(client, records[-1].offset)
        client.stop()
        self.assertEqual([record.offset for record in records], [offset for offset, _, _ in client.events])
        paused = False
        for message in client.messages:
            if message["type"] == "ack":
                paused = message["id"].startswith("p")
            self.assertFalse(paused and message["type"] == "events", "events came while it was paused")

    def test_pages_join_without_a_seam(self):
        self.wait_head(EVENTS)
        client = TalkingClient(self.gateway.url, cursor="latest", heartbeat_s=1)
        hello = client.hellos[0]["cursor"]
        last = offset_of(hello)
        backwards, cursor, count = [], f"{hello.partition(':')[0]}:{last + 1}", 0
        limit = -(-last // 20)
        while True:
            page = client.ask({"type": "fetch", "id": f"b{count}", "before": cursor, "limit": limit})
            self.assertEqual([], page["gaps"])
            backwards = page["events"] + backwards
            cursor, count = page["before"], count + 1
            if page["end"]:
                break
        self.assertEqual(list(range(last + 1)), offsets(backwards))
        forwards, cursor = [], f"{hello.partition(':')[0]}:-1"
        while len(forwards) <= last:
            page = client.ask({"type": "fetch", "id": f"a{count}", "after": cursor, "limit": limit})
            forwards += page["events"]
            cursor, count = page["after"], count + 1
        self.assertEqual(list(range(len(forwards))), offsets(forwards))
        self.assertEqual(backwards, forwards[:last + 1])
        records = self.records()
        self.wait_cursor(client, records[-1].offset)
        client.stop()
        self.assertEqual([record.offset for record in records[last + 1:]], [offset for offset, _, _ in client.events])

    def check_mode(self, newest_of, **parameters):
        """Each message has what the mode says of the records since the one before, and counts the others."""
        self.wait_head(EVENTS)
        client = TalkingClient(self.gateway.url, cursor="earliest", heartbeat_s=1, linger_ms=20, **parameters)
        self.wait_head(2 * EVENTS)
        records = self.records()
        self.wait_cursor(client, records[-1].offset)
        client.stop()
        reached, skipped = -1, 0
        for message in client.messages:
            if message["type"] != "events":
                continue
            passed = records[reached + 1:offset_of(message["cursor"]) + 1]
            self.assertEqual(newest_of(passed), offsets(message["events"]))
            self.assertEqual(len(passed) - len(message["events"]), message["skipped"])
            reached, skipped = offset_of(message["cursor"]), skipped + message["skipped"]
        self.assertEqual(records[-1].offset, reached)
        self.assertGreater(skipped, 0)

    def test_conflate_leaves_out_what_has_a_newer_one(self):
        def newest_of(passed):
            return sorted({record.event.subject: record.offset for record in passed}.values())

        self.check_mode(newest_of, mode="conflate")

    def test_sample_leaves_out_all_but_the_newest(self):
        self.check_mode(lambda passed: [record.offset for record in passed[-3:]], mode="sample", batch_max=3)

    def test_an_idle_client_hears_heartbeats(self):
        last = self.records()[-1].offset
        self.wait_head(last + 1)  # what the log has answered the gateway may hear of a moment later
        client = TalkingClient(self.gateway.url, cursor="latest", heartbeat_s=1)
        wait_until(lambda: client.heartbeats >= 4, lambda: f"four heartbeats: {client.messages}")
        client.stop()
        self.assertEqual(["hello", "live", *["heartbeat"] * 4], [m["type"] for m in client.messages[:6]])
        self.assertEqual(last, offset_of(client.cursor))

    def test_until_ends_exactly_there(self):
        self.wait_head(EVENTS)
        for until in (0, 1, EVENTS // 2, EVENTS - 1):
            epoch = self.gateway.stats()["log"]["epoch"]
            client = TalkingClient(self.gateway.url, cursor="earliest", until=f"{epoch}:{until}")
            wait_until(lambda: client.closes, "the stream has ended")
            client.stop()
            self.assertEqual(list(range(until + 1)), [offset for offset, _, _ in client.events])
            self.assertEqual(("heartbeat", f"{epoch}:{until}"),
                             (client.messages[-1]["type"], client.messages[-1]["cursor"]))
            self.assertEqual(1000, client.closes[0][0])
        self.records()


if __name__ == "__main__":
    unittest.main()
