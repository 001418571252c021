#!/usr/bin/python3
"""A browser agrees with the gateway: headless Chromium opens WebSockets to the echo server and to the firehose."""

import http.server
import json
import os
import sys
import tempfile
import threading
import unittest
import urllib.parse

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from log_client import LogClient, text_event  # noqa: E402
from processes import ProcessTest, program  # noqa: E402
from services import EventLogService, GatewayService  # noqa: E402
from waiting import wait_until  # noqa: E402

EVENTS = 50
BROWSER_PATIENCE_S = 200  # a browser's first start, from a cold disk and on a machine that is busy
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"]


class PageServer:
    """Serves one page on a free port of loopback and keeps what it posts."""

    def __init__(self, path):
        results = self.results = []
        with open(path, "rb") as file:
            page = file.read()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200 if self.path.startswith("/?") else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(page if self.path.startswith("/?") else b"")

            def do_POST(self):
                results.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def stop(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class ChromiumTest(ProcessTest):
    def test_echo_and_firehose(self):
        echo = self.start("ws_echo", [program("tests/support/ws_echo")]).ready()["ws"]
        log = EventLogService(self)
        gateway = GatewayService(self, log)
        numbers = [text_event("test.number", json.dumps({"n": n}), subject="ü") for n in range(EVENTS)]
        LogClient(log.grpc).append(numbers)
        wait_until(lambda: gateway.stats()["log"]["head"] == EVENTS, "the gateway has the events")
        server = PageServer(program("tests/interop/chromium_page.html"))
        self.addCleanup(server.stop)
        query = urllib.parse.urlencode({"echo": f"ws://{echo}/", "firehose": gateway.url, "events": EVENTS})
        # Chromium puts a socket there, whose path may have 107 bytes only.
        short = tempfile.TemporaryDirectory(prefix="chromium", dir="/tmp", ignore_cleanup_errors=True)
        self.addCleanup(short.cleanup)
        browser = self.start("chromium", ["chromium", *FLAGS, f"--user-data-dir={self.folder}/profile",
                                          f"{server.url}?{query}"],
                             env={"PATH": os.environ["PATH"], "HOME": self.folder, "TMPDIR": short.name})

        def result():
            self.assertIsNone(browser.process.poll(), browser.err())
            return server.results

        found = wait_until(result, lambda: f"the page posts its result; chromium says:\n{browser.err()[-3000:]}",
                           BROWSER_PATIENCE_S)[0]
        self.assertNotIn("failure", found, found)
        self.assertEqual("permessage-deflate; server_no_context_takeover; client_no_context_takeover",
                         found["extensions"])
        self.assertEqual([4321, "until next time ü", True], found["close"])
        self.assertEqual("eventlog.v1.json", found["protocol"])
        self.assertEqual("hello", found["kinds"][0])
        self.assertEqual([{"n": n} for n in range(EVENTS)], [event["data"] for event in found["events"]])
        self.assertEqual(["ü"] * EVENTS, [event["subject"] for event in found["events"]])
        self.assertEqual([1000, True], found["firehoseClose"])
        self.assertIn("colour", found["refusal"]["message"])
        self.assertEqual([4000, True], found["refusalClose"])


if __name__ == "__main__":
    unittest.main()
