"""Headless Chromium on a page of the test's own, in which the test runs code."""

import http.server
import json
import os
import queue
import tempfile
import threading

from waiting import wait_until

PATIENCE_S = 200  # a browser's first start, from a cold disk and on a machine that is busy
_POLL_S = 2  # after so long a page that asks for code is told that there is none, and asks again
_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
          "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"]
_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".html": "text/html; charset=utf-8"}
# Asks for code, runs it, and says what it returned or why it failed; one after the other.
_PAGE = b"""<!doctype html>
<meta charset="utf-8">
<title>A test's page</title>
<script type="module">
const AsyncFunction = (async () => {}).constructor;
const post = (found) => fetch('/found', {method: 'POST', body: JSON.stringify(found)});
await post({loaded: true});
for (;;) {
  const answer = await fetch('/code');
  if (answer.status !== 200) continue;
  const {code, values} = await answer.json();
  try {
    const value = await new AsyncFunction('values', code)(values);
    await post({value: value ?? null});
  } catch (error) {
    await post({failure: String(error?.stack ?? error)});
  }
}
</script>
"""


class Browser:
    """Has one page, on an address of localhost that stays the same.

    Args:
      test: a ProcessTest, with which it ends.
      files: from a path of an address, as "/firehose.js", to the path of a file.
    """

    def __init__(self, test, files):
        self._codes, self._found = queue.Queue(), queue.Queue()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler(files))
        self._server.daemon_threads = True
        thread = threading.Thread(target=self._server.serve_forever)
        thread.start()
        test.addCleanup(self._stop, thread)
        # Chromium puts a socket there, whose path may have 107 bytes only.
        short = tempfile.TemporaryDirectory(prefix="chromium", dir="/tmp", ignore_cleanup_errors=True)
        test.addCleanup(short.cleanup)
        self._child = test.start(
            "chromium", ["chromium", *_FLAGS, f"--user-data-dir={test.folder}/profile", self.url + "/"],
            env={"PATH": os.environ["PATH"], "HOME": test.folder, "TMPDIR": short.name})
        self._expect_loaded()

    @property
    def url(self):
        return f"http://localhost:{self._server.server_port}"

    def run(self, code, **values):
        """What the code, the body of an async function, returned. It finds the named values in `values`."""
        self._codes.put({"code": code, "values": values})
        found = self._next()
        if "value" not in found:
            raise AssertionError(f"in the browser: {found}\nof: {code}")
        return found["value"]

    def reload(self):
        """The page begins anew, as with the user's button."""
        self._codes.put({"code": "location.reload(); await new Promise(() => {});", "values": {}})
        self._expect_loaded()

    def _expect_loaded(self):
        found = self._next()
        if found != {"loaded": True}:
            raise AssertionError(f"the page says {found} where it should have been loaded")

    def _next(self):
        def found():
            if self._child.process.poll() is not None:
                raise AssertionError(f"chromium ended:\n{self._child.err()[-3000:]}")
            return not self._found.empty()

        wait_until(found, lambda: f"the page says something; chromium says:\n{self._child.err()[-3000:]}", PATIENCE_S)
        return self._found.get()

    def _stop(self, thread):
        self._server.shutdown()
        thread.join()
        self._server.server_close()

    def _handler(self, files):
        codes, found = self._codes, self._found

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path == "/":
                    self._answer(200, ".html", _PAGE)
                elif self.path == "/code":
                    try:
                        self._answer(200, ".js", json.dumps(codes.get(timeout=_POLL_S)).encode())
                    except queue.Empty:
                        self._answer(204, ".js", b"")
                elif self.path in files:
                    with open(files[self.path], "rb") as file:
                        self._answer(200, os.path.splitext(self.path)[1], file.read())
                else:
                    self._answer(404, ".html", b"")

            def do_POST(self):
                found.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self._answer(204, ".html", b"")

            def _answer(self, status, extension, body):
                self.send_response(status)
                self.send_header("Content-Type", _TYPES[extension])
                self.send_header("Cache-Control", "no-store")
                try:
                    self.end_headers()
                    self.wfile.write(body)
                except ConnectionError:
                    pass  # the browser was ended

            def log_message(self, *_):
                pass

        return Handler
