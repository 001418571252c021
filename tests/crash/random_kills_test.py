#!/usr/bin/python3
"""Gateways, log service and clients are killed (SIGKILL) at random under load, also before they are up again: what each
client was sent, over all its connections and lives, is the log: each offset once and in order, nothing left out.

Arguments: --kills=N, and --seconds_max=N to stop earlier, --seed=N to make the same choices again.
"""

import argparse
import os
import random
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
import oracle  # noqa: E402
from journal import JournaledClient, offset_of  # noqa: E402
from log_client import LogClient  # noqa: E402
from processes import Feeder, ProcessTest, program  # noqa: E402
from services import EventLogService, GatewayService  # noqa: E402
from waiting import wait_until  # noqa: E402

PRODUCERS = ("a", "b")
LINES_PER_SECOND = 300  # of each
SEGMENT_BYTES = 1 << 20  # so that a restart meets closed segments
# So little that a client that was away, or reads slowly, needs what is no longer in memory.
GATEWAY_FLAGS = ["--ring_bytes_max=65536", "--cold_cache_bytes_max=65536"]
EVENTS_BETWEEN = (1, 400)  # that one client got since the last kill
DOWN_S_MAX = 0.3
CATCH_UP_PATIENCE_S = 240
VICTIMS = {"gateway": 5, "log": 4, "client": 6, "gateway and log": 2, "gateway and client": 2}

parser = argparse.ArgumentParser()
parser.add_argument("--kills", type=int, required=True)
parser.add_argument("--seconds_max", type=float, default=1e9)
parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "little"))
options, sys.argv[1:] = parser.parse_known_args()


class RandomKillsTest(ProcessTest):
    def setUp(self):
        super().setUp()
        print(f"--seed={options.seed}", flush=True)
        self.choose = random.Random(options.seed)
        self.log = EventLogService(self, [f"--segment_bytes={SEGMENT_BYTES}"])
        self.gateways = [GatewayService(self, self.log, GATEWAY_FLAGS, name=f"gateway{n}") for n in range(2)]
        urls = [gateway.url for gateway in self.gateways]
        self.clients = [
            JournaledClient(self, "resuming", urls, {"cursor": "earliest"}),
            JournaledClient(self, "deflated", urls, {"cursor": "earliest"}, deflate=True),
            JournaledClient(self, "filtered", urls, {"cursor": "earliest", "type": "load.b"}),
            JournaledClient(self, "slow", urls, {"cursor": "earliest"}, pause_s=0.02),
            JournaledClient(self, "latest", urls, {"cursor": "latest"}, resume=False),
        ]
        self.producers = [self.start("lines " + name, [
            program("producers/lines/lines"), f"--server={self.log.grpc}", f"--type=load.{name}", f"--subject={name}",
            "--print_acks"], stdin=subprocess.PIPE) for name in PRODUCERS]
        self.feeders = [Feeder(producer.process.stdin, str, LINES_PER_SECOND) for producer in self.producers]

    def test_each_client_ends_up_with_the_log(self):
        began, kills = time.monotonic(), 0
        while kills < options.kills and time.monotonic() - began < options.seconds_max:
            # In one of four cases nobody had the time to recover from the last kill.
            if self.choose.random() < 0.75:
                self.await_progress(kills)
            kills += self.kill_one()
        sent = [feeder.stop() for feeder in self.feeders]
        for producer in self.producers:
            self.assertEqual(0, producer.wait(), producer.err())
        self.check(sent)
        print(f"{kills} kills in {time.monotonic() - began:.0f} s; {sum(sent)} events; " + "; ".join(
            f"{client.name}: {client.journal.event_count} events" for client in self.clients), flush=True)

    def await_progress(self, kills):
        """A client of the test's choice gets on, which also asks for services that work."""
        client = self.choose.choice(self.clients)
        due = client.journal.advance() + self.choose.randint(*EVENTS_BETWEEN)
        wait_until(lambda: client.journal.advance() >= due,
                   lambda: f"kill {kills}: {client.name} has {client.journal.event_count} events, want {due}; "
                           f"{client.journal.closes()[-5:]} {client.child.err()[-1000:]}", CATCH_UP_PATIENCE_S)

    def kill_one(self):
        """Returns how many processes it were."""
        kind = self.choose.choices(list(VICTIMS), VICTIMS.values())[0]
        victims = []
        if "gateway" in kind:
            victims.append((self.choose.choice(self.gateways), lambda gateway: gateway.start(until_serving=False)))
        if "log" in kind:
            victims.append((self.log, lambda log: log.start()))
        if "client" in kind:
            victims.append((self.choose.choice(self.clients), lambda client: client.start()))
        for victim, _ in victims:
            victim.kill()
        if self.choose.random() < 0.5:
            threading.Event().wait(self.choose.uniform(0, DOWN_S_MAX))  # how long it is away is what is varied
        self.choose.shuffle(victims)
        for victim, start in victims:
            start(victim)
        return len(victims)

    def check(self, sent):
        records = LogClient(self.log.grpc).read_from(0)
        entries = oracle.log_entries(records)
        oracle.check_dense(entries)
        for name, count, producer in zip(PRODUCERS, sent, self.producers):
            oracle.check_each_once_in_order(entries, name, list(range(count)))
            by_offset = {offset: (subject, payload) for offset, subject, payload in entries}
            oracle.check_acknowledged(name, oracle.Acknowledgements(producer).offsets(), lambda number: number,
                                      by_offset)
        for client in self.clients:
            self.assertTrue(client.alive(), f"{client.name} ended by itself: {client.child.err()}")
            wait_until(lambda c=client: c.journal.advance() and offset_of(c.journal.cursor()) == len(entries) - 1,
                       lambda c=client: f"{c.name} is at {c.journal.cursor()}, the head is {len(entries)}",
                       CATCH_UP_PATIENCE_S)
            wanted = [entry for entry in entries if client.name != "filtered" or entry[1] == "b"]
            self.assertGreater(client.journal.check(client.name, wanted, client.resume), 0)
            # A gateway that has just started, or whose log is away, may say so: come again.
            self.assertEqual([], [e for e in client.journal.errors() if e["code"] != "UPSTREAM_UNAVAILABLE"])
            if client.resume:
                self.assertEqual(len(wanted), client.journal.event_count)


if __name__ == "__main__":
    unittest.main()
