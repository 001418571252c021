#!/usr/bin/python3
"""A browser agrees with the gateway: headless Chromium opens WebSockets to the echo server and to the firehose."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from browser import Browser  # noqa: E402
from log_client import LogClient, text_event  # noqa: E402
from processes import ProcessTest, program  # noqa: E402
from services import EventLogService, GatewayService  # noqa: E402
from waiting import wait_until  # noqa: E402

EVENTS = 50


class ChromiumTest(ProcessTest):
    def setUp(self):
        super().setUp()
        self.browser = Browser(self, {"/page.mjs": program("tests/interop/chromium_page.mjs")})

    def run_in_page(self, call, **values):
        return self.browser.run(f"return (await import('/page.mjs')).{call};", **values)

    def test_echo(self):
        echo = self.start("ws_echo", [program("tests/support/ws_echo")]).ready()["ws"]
        found = self.run_in_page("echo(values.url)", url=f"ws://{echo}/")
        self.assertEqual({"extensions": "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
                          "close": [4321, "until next time ü", True]}, found)

    def test_firehose(self):
        log = EventLogService(self)
        gateway = GatewayService(self, log)
        numbers = [text_event("test.number", json.dumps({"n": n}), subject="ü") for n in range(EVENTS)]
        LogClient(log.grpc).append(numbers)
        wait_until(lambda: gateway.stats()["log"]["head"] == EVENTS, "the gateway has the events")
        found = self.run_in_page("firehose(values.url, values.count)", url=gateway.url, count=EVENTS)
        self.assertEqual("eventlog.v1.json", found["protocol"])
        self.assertEqual("hello", found["kinds"][0])
        self.assertEqual([{"n": n} for n in range(EVENTS)], [event["data"] for event in found["events"]])
        self.assertEqual(["ü"] * EVENTS, [event["subject"] for event in found["events"]])
        self.assertEqual([1000, True], found["close"])
        refusal = self.run_in_page("refusal(values.url)", url=gateway.url)
        self.assertIn("colour", refusal["message"])
        self.assertEqual([4000, True], refusal["close"])


if __name__ == "__main__":
    unittest.main()
