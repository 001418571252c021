#!/usr/bin/python3
"""firehose.js in a browser and in Node, and the browser's own EventSource, against the real programs: whatever ends and
comes back, the handler gets the log: each offset once, in order."""

import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
import oracle  # noqa: E402
from batch_producer import BatchProducer  # noqa: E402
from browser import Browser  # noqa: E402
from log_client import LogClient, text_event  # noqa: E402
from processes import ProcessTest, program  # noqa: E402
from services import EventLogService, GatewayService, get_json  # noqa: E402
from waiting import wait_until  # noqa: E402

EVENTS_BETWEEN = 200  # handed to the page before each thing that happens
DRAIN_MS = 300


class ServicesTest(ProcessTest):
    """Both services, and what can happen to them."""

    def setUp(self):
        super().setUp()
        self.log = EventLogService(self)
        self.gateway = GatewayService(self, self.log, flags=[f"--drain_ms={DRAIN_MS}"])
        self.client = LogClient(self.log.grpc)

    def entries(self):
        entries = oracle.log_entries(self.client.read_from(0))
        oracle.check_dense(entries)
        return entries

    def append(self, *numbers, kind="test.number"):
        return self.client.append([text_event(kind, '{"n":%d}' % n, "page") for n in numbers])

    def restart_gateway_killed(self):
        self.gateway.kill()
        self.gateway.start()

    def restart_log(self):
        self.log.kill()
        self.log.start()

    def restart_gateway_drained(self):
        self.assertEqual(0, self.gateway.stop())
        self.gateway.start()

    def restarts(self):
        return (self.restart_gateway_killed, self.restart_log, self.restart_gateway_drained,
                self.restart_gateway_killed)


class NodeTest(ServicesTest):
    def test_each_offset_once_whatever_restarts(self):
        node = self.start("node", ["node", program("tests/interop/firehose_node.mjs"),
                                   program("gateway-svc/client/firehose.js"), self.gateway.url],
                          stdin=subprocess.PIPE,
                          env={"PATH": os.environ["PATH"], "NODE_PATH": "/usr/share/nodejs", "HOME": self.folder})

        def lines():
            return [json.loads(line) for line in node.out().split(b"\n")[:-1]]

        producer = BatchProducer(self.log.grpc, "load")
        for restart in self.restarts():
            goal = len(lines()) + EVENTS_BETWEEN
            wait_until(lambda: len(lines()) >= goal, lambda: f"{goal} events, there are {len(lines())}: {node.err()}")
            restart()
        producer.stop()
        entries = self.entries()
        wait_until(lambda: len(lines()) >= len(entries), lambda: f"{len(entries)} events: {len(lines())} {node.err()}")
        node.process.stdin.close()
        self.assertEqual(0, node.wait(), node.err())
        *events, closed = lines()
        oracle.check_same("Node", [tuple(event) for event in events], entries)
        self.assertEqual({"closed": 1000}, closed)


class BrowserTest(ServicesTest):
    def setUp(self):
        super().setUp()
        self.browser = Browser(self, {"/firehose.js": program("gateway-svc/client/firehose.js"),
                                      "/page.mjs": program("tests/interop/firehose_page.mjs")})

    def follow(self, **options):
        self.browser.run("(await import('/page.mjs')).follow(values.url, values.options);", url=self.gateway.url,
                         options=options)

    def seen(self):
        return self.browser.run("return view.seen;")

    def count(self):
        return self.browser.run("return view.seen.events.length;")

    def wait_count(self, least):
        wait_until(lambda: self.count() >= least, lambda: f"{least} events: {self.status()}")

    def status(self):
        seen = self.seen()
        return {**seen, "events": len(seen["events"])}

    def seen_entries(self):
        return [tuple(event) for event in self.seen()["events"]]

    def test_each_offset_once_whatever_restarts(self):
        self.follow(cursor="earliest")
        producer = BatchProducer(self.log.grpc, "load")
        for restart in self.restarts():
            self.wait_count(self.count() + EVENTS_BETWEEN)
            restart()
        self.wait_count(self.count() + EVENTS_BETWEEN)
        producer.stop()
        entries = self.entries()
        self.wait_count(len(entries))
        oracle.check_same("the page", self.seen_entries(), entries)
        seen = self.seen()
        codes = [wait["code"] for wait in seen["waits"]]
        self.assertGreaterEqual(codes.count(1006), 2, seen["waits"])
        self.assertIn(1012, codes)
        self.assertEqual([], seen["gaps"])
        # A gateway that has just started may say that it has not reached the log yet: come again.
        self.assertEqual([], [error for error in seen["errors"] if error[0] != "UPSTREAM_UNAVAILABLE"])

    def test_a_reload_goes_on_behind_the_stored_cursor(self):
        self.append(0, 1, 2)
        self.follow(cursor="earliest", storage="place")
        self.wait_count(3)
        stored = "return localStorage.getItem('place');"
        wait_until(lambda: self.browser.run(stored).endswith(":2"), "the cursor is stored")
        self.browser.reload()
        self.assertIsNone(self.browser.run("return globalThis.view;"))
        self.append(3, 4)
        self.follow(cursor="earliest", storage="place")
        self.wait_count(2)
        self.append(5)
        self.wait_count(3)
        self.assertEqual([3, 4, 5], [offset for offset, _, _ in self.seen_entries()])

    def test_reloads_under_load_leave_nothing_out(self):
        self.follow(cursor="earliest", storage="place")
        producer = BatchProducer(self.log.grpc, "load")
        lives = []
        for _ in range(3):
            self.wait_count(EVENTS_BETWEEN)
            lives.append(self.seen_entries())
            self.browser.reload()
            handled = int(self.browser.run("return localStorage.getItem('handled');"))
            place = self.browser.run("return localStorage.getItem('place');")
            self.follow(cursor="earliest", storage="place")
            self.wait_count(1)
            first = self.seen_entries()[0][0]
            self.assertEqual(f"{first - 1}", place.partition(":")[2])
            self.assertLessEqual(first, handled + 1, "the page left something out")
        producer.stop()
        entries = self.entries()
        wait_until(lambda: self.browser.run("return view.seen.events.at(-1)?.[0];") == len(entries) - 1,
                   lambda: f"the last event: {self.status()}")
        lives.append(self.seen_entries())
        for life in lives:
            oracle.check_same("one life of the page", life, entries[life[0][0]:life[-1][0] + 1])
        self.assertEqual(0, lives[0][0][0])

    def test_requests(self):
        self.append(0, 1, 2)
        self.append(3, kind="test.other")
        self.follow(filter={"types": ["test.number"]})
        wait_until(lambda: self.browser.run("return view.firehose.state;") == "open", "the page is greeted")
        page = self.browser.run("const {hello} = view.firehose;"
                                "return view.firehose.fetch({before: hello.cursor, limit: 2});")
        self.assertEqual([1, 2], [event["offset"] for event in page["events"]])
        page = self.browser.run("return view.firehose.fetch({before: values.before, limit: 2});",
                                before=page["before"])
        self.assertEqual(([0], True), ([event["offset"] for event in page["events"]], page["end"]))
        ack = self.browser.run("return view.firehose.setOptions({filter: {types: ['test.other']}});")
        self.assertTrue(ack["effective_after"].endswith(":3"), ack)
        self.append(4)
        self.append(5, kind="test.other")
        self.wait_count(1)
        # The change outlives the connection.
        self.restart_gateway_killed()
        self.append(6)
        self.append(7, kind="test.other")
        self.wait_count(2)
        self.assertEqual([5, 7], [offset for offset, _, _ in self.seen_entries()])
        self.browser.run("view.firehose.pause(); return view.firehose.ping();")
        self.append(8, kind="test.other")
        ack = self.browser.run("return view.firehose.ping();")
        self.assertEqual(2, self.count())
        self.browser.run("view.firehose.resume();")
        self.wait_count(3)
        refusal = self.browser.run("return view.firehose.setOptions({filter: {types: ['*.x']}}).catch((e) => e.code);")
        self.assertEqual("MESSAGE_INVALID", refusal)
        closed = self.browser.run("return view.firehose.close();")
        self.assertEqual((1000, None), (closed["code"], closed["error"]))

    def test_many_requests_are_no_flood(self):
        """More at once than the gateway's burst: it would end the connection, and a flood does not come back."""
        self.follow()
        self.browser.run("await Promise.all(Array.from({length: 120}, () => view.firehose.ping()));")
        self.assertEqual([], self.seen()["waits"])
        self.assertEqual(1, self.seen()["states"].count("open"))

    def test_a_handler_that_is_behind_pauses_the_gateway(self):
        """What waits in the page is bounded, and nothing is lost."""
        def append(count):
            self.client.append([text_event("test.pad", json.dumps("x" * 10_000), "page")] * count)

        def is_paused():
            return [client["phase"] for client in get_json(f"http://{self.gateway.ops}/admin/clients")["clients"]]

        self.follow(cursor="earliest", bufferMax=200_000, gated=True)
        append(40)
        wait_until(lambda: is_paused() == ["paused"], is_paused)
        sent = self.gateway.stats()["events_sent"]
        append(20)
        wait_until(lambda: self.gateway.stats()["log"]["head"] == 60, "the gateway has the events")
        self.browser.run("return view.firehose.ping();")
        self.assertEqual(sent, self.gateway.stats()["events_sent"])
        self.browser.run("openGate();")
        self.wait_count(60)
        self.assertEqual(list(range(60)), [offset for offset, _, _ in self.seen_entries()])
        self.assertEqual([], self.seen()["waits"])

    def test_a_refusal_ends_it_with_its_reason(self):
        self.follow(cursor="0123456789abcdef:7")
        closed = self.browser.run("const {code, error} = await view.firehose.closed; return [code, error.code];")
        self.assertEqual([4001, "CURSOR_WRONG_EPOCH"], closed)

    def test_until_ends_it(self):
        self.append(0, 1)
        wait_until(lambda: self.gateway.stats()["log"]["head"] == 2, "the gateway has the events")
        self.follow(cursor="earliest", until="caught_up")
        closed = self.browser.run("const {code, error} = await view.firehose.closed; return [code, error];")
        self.assertEqual([1000, None], closed)
        self.assertEqual([0, 1], [offset for offset, _, _ in self.seen_entries()])

    def test_event_source_goes_on_by_its_last_event_id(self):
        self.append(0, 1, 2)
        address = self.gateway.url.replace("ws:", "http:")
        self.browser.run("(await import('/page.mjs')).followEvents(values.url);", url=address + "?cursor=earliest")
        self.wait_count(3)
        self.restart_gateway_killed()
        self.append(3, 4)
        self.wait_count(5)
        self.restart_gateway_drained()
        self.append(5)
        self.wait_count(6)
        oracle.check_same("the EventSource", self.seen_entries(), self.entries())
        seen = self.seen()
        self.assertGreaterEqual(len(seen["hellos"]), 3)
        self.assertEqual([":-1", ":2", ":4"], [cursor[cursor.index(":"):] for cursor in seen["hellos"]])
        self.browser.run("view.source.close();")

    def test_event_source_ends_where_until_was_reached(self):
        self.append(0, 1)
        wait_until(lambda: self.gateway.stats()["log"]["head"] == 2, "the gateway has the events")
        address = self.gateway.url.replace("ws:", "http:")
        self.browser.run("(await import('/page.mjs')).followEvents(values.url);",
                         url=address + "?cursor=earliest&until=caught_up")
        wait_until(lambda: self.seen()["ended"], lambda: f"the EventSource ends for good: {self.status()}")
        self.assertEqual([0, 1], [offset for offset, _, _ in self.seen_entries()])
        self.browser.run("(await import('/page.mjs')).followEvents(values.url);", url=address + "?colour=red")
        refusal = wait_until(lambda: self.seen().get("refusal"), "the refusal is told in-band")
        self.assertIn("colour", refusal["message"])


if __name__ == "__main__":
    unittest.main()
