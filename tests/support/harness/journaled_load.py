"""Producers and clients of several kinds about a log to which things happen, and the judgement of what clients got."""

import subprocess

import oracle
from journal import JournaledClient, offset_of
from log_client import LogClient
from processes import Feeder, program
from waiting import wait_until

_PATIENCE_S = 240  # to catch up, however busy the machine is


class JournaledLoad:
    """Runs from the start on, until check() stops the producers.

    Args:
      urls: of gateways of the same log, among which each client chooses anew for each connection.
      prefixes: for each producer what is put in front of its command.
      kinds: the names of the clients to have; None for all.
    """

    def __init__(self, test, log, urls, lines_per_second, prefixes=((), ()), kinds=None):
        self._test, self._log = test, log
        resuming = {"cursor": "earliest", "heartbeat_s": 1}
        known = {"resuming": {}, "deflated": {"deflate": True}, "filtered": {"query": {**resuming, "type": "load.1"}},
                 "slow": {"pause_s": 0.02}, "event source": {"sse": True},
                 "latest": {"query": {"heartbeat_s": 1}, "resume": False}}
        self.clients = [JournaledClient(test, name, urls, **{"query": resuming, **known[name]})
                        for name in kinds or known]
        self._producers = [test.start(f"lines {number}", [
            *prefix, program("producers/lines/lines"), f"--server={log.grpc}", f"--type=load.{number}",
            f"--subject={number}", "--print_acks"], stdin=subprocess.PIPE) for number, prefix in enumerate(prefixes)]
        self._feeders = [Feeder(producer.process.stdin, str, lines_per_second) for producer in self._producers]

    def await_progress(self, client, count, what):
        """Until a client has so many events more than now."""
        due = client.journal.advance() + count
        wait_until(lambda: client.journal.advance() >= due,
                   lambda: f"{what}: {client.name} has {client.journal.event_count} events, want {due}; "
                           f"{client.journal.closes()[-5:]} {client.child.err()[-1000:]}", _PATIENCE_S)

    def check(self):
        """Everything works again: what was sent is in the log, and each client's journal is the log. Returns words."""
        sent = [feeder.stop() for feeder in self._feeders]
        for producer in self._producers:
            self._test.assertEqual(0, producer.wait(_PATIENCE_S), producer.err())
        client = LogClient(self._log.grpc)
        entries = oracle.log_entries(client.read_from(0))
        client.close()
        oracle.check_dense(entries)
        by_offset = {offset: (subject, payload) for offset, subject, payload in entries}
        for number, producer in enumerate(self._producers):
            oracle.check_each_once_in_order(entries, str(number), list(range(sent[number])))
            oracle.check_acknowledged(str(number), oracle.Acknowledgements(producer).offsets(), lambda line: line,
                                      by_offset)
        for client in self.clients:
            self._check_client(client, entries)
        return f"{sum(sent)} events; " + "; ".join(
            f"{client.name}: {client.journal.event_count} events" for client in self.clients)

    def _check_client(self, client, entries):
        self._test.assertTrue(client.alive(), f"{client.name} ended by itself: {client.child.err()}")
        wait_until(lambda: client.journal.advance() and offset_of(client.journal.cursor()) == len(entries) - 1,
                   lambda: f"{client.name} is at {client.journal.cursor()}, the head is {len(entries)}", _PATIENCE_S)
        wanted = [entry for entry in entries if client.name != "filtered" or entry[1] == "1"]
        self._test.assertGreater(client.journal.check(client.name, wanted, client.resume), 0)
        self._test.assertEqual({client.name == "deflated"},
                               {line["deflate"] for line in client.journal.lines if "hello" in line}, client.name)
        # A gateway that has just started, or whose log is away, may say so: come again.
        self._test.assertEqual([], [error for error in client.journal.errors()
                                    if error["code"] != "UPSTREAM_UNAVAILABLE"])
        if client.resume:
            self._test.assertEqual(len(wanted), client.journal.event_count)
