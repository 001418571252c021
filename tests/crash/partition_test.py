#!/usr/bin/python3
"""The network between the gateway and the log is cut, or the log stands still (SIGSTOP), for moments and for longer
than anybody waits: the gateway goes on serving, says that it is not ready, and each client has exactly the log in the
end.

Needs root and network namespaces. Arguments: --faults=N, each --long_every=N-th of them a long one; --seconds_max=N to
stop earlier, --seed=N to make the same choices again.
"""

import argparse
import os
import random
import signal
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
import network_namespace  # noqa: E402
from journaled_load import JournaledLoad  # noqa: E402
from processes import ProcessTest  # noqa: E402
from services import EventLogService, GatewayService  # noqa: E402
from waiting import wait_until  # noqa: E402

LINES_PER_SECOND = 200  # of each producer
GATEWAY_FLAGS = ["--ring_bytes_max=65536", "--cold_cache_bytes_max=65536"]
EVENTS_BETWEEN = (1, 200)  # that one client got since the last fault
SHORT_S_MAX = 1.5
KINDS = ("resuming", "deflated", "filtered", "event source", "latest")
HEARTBEATS = 3  # that a client gets in a long fault, at one a second

parser = argparse.ArgumentParser()
parser.add_argument("--faults", type=int, required=True)
parser.add_argument("--long_every", type=int, required=True)
parser.add_argument("--seconds_max", type=float, default=1e9)
parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "little"))


class PartitionTest(ProcessTest):
    def test_each_client_ends_up_with_the_log(self):
        print(f"--seed={options.seed}", flush=True)
        choose = random.Random(options.seed)
        self.far = network_namespace.FarSide(self)
        self.log = EventLogService(self, prefix=self.far.prefix, host=network_namespace.FAR)
        self.gateway = GatewayService(self, self.log, GATEWAY_FLAGS)
        # One producer is beside the log: it grows while it is out of reach.
        self.load = JournaledLoad(self, self.log, [self.gateway.url], LINES_PER_SECOND, (self.far.prefix, ()), KINDS)
        began, faults = time.monotonic(), {"cut": 0, "stop": 0, "long": 0}
        while faults["cut"] + faults["stop"] < options.faults and time.monotonic() - began < options.seconds_max:
            client, count = choose.choice(self.load.clients), choose.randint(*EVENTS_BETWEEN)
            self.load.await_progress(client, count, f"fault {faults}")
            kind, duration_s = choose.choice(("cut", "stop")), choose.uniform(0, SHORT_S_MAX)
            victim = choose.choice(self.load.clients) if choose.random() < 0.3 else None
            faults[kind] += 1
            self.begin(kind)
            if (faults["cut"] + faults["stop"]) % options.long_every == 0:
                faults["long"] += 1
                self.outlast(client)
            else:
                if victim is not None:  # it comes to a gateway that hears nothing of the log
                    victim.kill()
                    victim.start()
                threading.Event().wait(duration_s)  # how long it lasts is what is varied
            self.end(kind)
        print(f"{faults} in {time.monotonic() - began:.0f} s", flush=True)
        wait_until(self.gateway.is_serving, "the gateway is ready again")
        print(self.load.check(), flush=True)

    def begin(self, kind):
        if kind == "cut":
            self.far.cut()
        else:
            self.log.child.signal(signal.SIGSTOP)

    def end(self, kind):
        if kind == "cut":
            self.far.mend()
        else:
            self.log.child.signal(signal.SIGCONT)

    def outlast(self, client):
        """Until the gateway has given the connection up; and its clients are still served."""
        wait_until(lambda: not self.gateway.is_serving(), "the gateway knows that it hears nothing of the log")
        client.journal.advance()
        before = self.heartbeats(client)
        wait_until(lambda: client.journal.advance() and self.heartbeats(client) >= before + HEARTBEATS,
                   f"{client.name} gets heartbeats")

    @staticmethod
    def heartbeats(client):
        return sum(line.get("at") == "heartbeat" for line in client.journal.lines)


if __name__ == "__main__":
    if network_namespace.enter_own_namespace():
        options, sys.argv[1:] = parser.parse_known_args()
        unittest.main()
