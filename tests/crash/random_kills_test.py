#!/usr/bin/python3
"""Gateways, log service and clients are killed (SIGKILL) at random under load, also before they are up again: what each
client was sent, over all its connections and lives, is the log: each offset once and in order, nothing left out.

Arguments: --kills=N, and --seconds_max=N to stop earlier, --seed=N to make the same choices again.
"""

import argparse
import os
import random
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from journaled_load import JournaledLoad  # noqa: E402
from processes import ProcessTest  # noqa: E402
from services import EventLogService, GatewayService  # noqa: E402

LINES_PER_SECOND = 300  # of each producer
SEGMENT_BYTES = 1 << 20  # so that a restart meets closed segments
# So little that a client that was away, or reads slowly, needs what is no longer in memory.
GATEWAY_FLAGS = ["--ring_bytes_max=65536", "--cold_cache_bytes_max=65536"]
EVENTS_BETWEEN = (1, 400)  # that one client got since the last kill
DOWN_S_MAX = 0.3
VICTIMS = {"gateway": 5, "log": 4, "client": 6, "gateway and log": 2, "gateway and client": 2}

parser = argparse.ArgumentParser()
parser.add_argument("--kills", type=int, required=True)
parser.add_argument("--seconds_max", type=float, default=1e9)
parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "little"))
options, sys.argv[1:] = parser.parse_known_args()


class RandomKillsTest(ProcessTest):
    def test_each_client_ends_up_with_the_log(self):
        print(f"--seed={options.seed}", flush=True)
        self.choose = random.Random(options.seed)
        self.log = EventLogService(self, [f"--segment_bytes={SEGMENT_BYTES}"])
        self.gateways = [GatewayService(self, self.log, GATEWAY_FLAGS, name=f"gateway{n}") for n in range(2)]
        self.load = JournaledLoad(self, self.log, [gateway.url for gateway in self.gateways], LINES_PER_SECOND)
        began, kills = time.monotonic(), 0
        while kills < options.kills and time.monotonic() - began < options.seconds_max:
            # A client of the test's choice gets on, which also asks for services that work. In one of four cases nobody
            # has the time to recover from the last kill.
            client, count = self.choose.choice(self.load.clients), self.choose.randint(*EVENTS_BETWEEN)
            if self.choose.random() < 0.75:
                self.load.await_progress(client, count, f"kill {kills}")
            kills += self.kill_one()
            if kills // 100 > (kills - 1) // 100:
                print(f"{kills} kills", flush=True)
        print(f"{kills} kills in {time.monotonic() - began:.0f} s", flush=True)
        print(self.load.check(), flush=True)

    def kill_one(self):
        """Returns how many processes it were."""
        kind = self.choose.choices(list(VICTIMS), VICTIMS.values())[0]
        victims = []
        if "gateway" in kind:
            victims.append((self.choose.choice(self.gateways), lambda gateway: gateway.start(until_serving=False)))
        if "log" in kind:
            victims.append((self.log, lambda log: log.start()))
        if "client" in kind:
            victims.append((self.choose.choice(self.load.clients), lambda client: client.start()))
        for victim, _ in victims:
            victim.kill()
        if self.choose.random() < 0.5:
            threading.Event().wait(self.choose.uniform(0, DOWN_S_MAX))  # how long it is away is what is varied
        self.choose.shuffle(victims)
        for victim, start in victims:
            start(victim)
        return len(victims)


if __name__ == "__main__":
    unittest.main()
