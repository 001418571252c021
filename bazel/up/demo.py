"""`up --demo`: the lines that a command prints become events, and a WebSocket client sees them.

Runs on free ports and in a directory of its own, which is removed afterwards, unless flags name others: it can run
beside an `up` that keeps real events.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import uuid

from agreement import differences
from runfiles import find
from service import end_with_parent
from watcher import Watcher

DEFAULT_COMMAND = ["sh", "-c", """for n in 1 2 3 4 5; do echo "{\\"n\\":$n,\\"from\\":\\"a shell loop\\"}"; done
echo "and a line that is not JSON"
"""]
HELLO_PATIENCE_S = 20
RECEIVE_PATIENCE_S = 20
END_PATIENCE_S = 5


class Demo:
    """One run of the command. Its threads append to their own list each and post ("done", None) when all is read."""

    def __init__(self, stack, command):
        self.printed, self.acknowledged = [], []
        self.cut_short = False
        self.command_code = self.lines_code = None
        self._stack = stack
        self._command_line = command
        self._print_lock = threading.Lock()
        self._command = self._lines = None
        subject = f"demo-{uuid.uuid4()}"
        url = f"ws://{stack.gateway.addresses['public']}/api/events/firehose"
        self._producer_line = [find("producers/lines/lines"), f"--server={stack.log.addresses['grpc']}",
                               "--type=demo.line", f"--subject={subject}", "--source=/demo", "--print_acks"]
        self.watcher = Watcher(f"{url}?cursor=latest&subject={subject}&heartbeat_s=1", self._received)

    def run(self):
        """Returns False when a signal or the end of a service cut it short."""
        self._lines = subprocess.Popen(self._producer_line, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       start_new_session=True, preexec_fn=end_with_parent())
        self._command = subprocess.Popen(self._command_line, stdout=subprocess.PIPE, preexec_fn=end_with_parent(),
                                         cwd=os.environ.get("BUILD_WORKING_DIRECTORY"))
        threads = [threading.Thread(target=self._feed, daemon=True),
                   threading.Thread(target=self._read_acknowledgements, daemon=True)]
        for thread in threads:
            thread.start()
        what, which = self._stack.events.get()
        self.cut_short = what != "done"
        if what == "ended":
            print(f"up: {which.name} ended with {which.code}; stopping", file=sys.stderr, flush=True)
        if not self.cut_short:
            self.watcher.wait_events(len(self.acknowledged), RECEIVE_PATIENCE_S)
        return not self.cut_short

    def close(self):
        for process in (self._command, self._lines):
            if process is not None and process.poll() is None:
                process.terminate()
                try:
                    process.wait(END_PATIENCE_S)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        self.watcher.close()

    def _feed(self):
        for raw in self._command.stdout:
            line = raw[:-1] if raw.endswith(b"\n") else raw
            self.printed.append(line)
            self._say("appended", line.decode("utf-8", "replace"))
            try:
                self._lines.stdin.write(line + b"\n")
                self._lines.stdin.flush()
            except OSError:
                break  # the producer is gone; its exit code and the missing acknowledgements tell
        self.command_code = self._command.wait()
        try:
            self._lines.stdin.close()
        except OSError:
            pass

    def _read_acknowledgements(self):
        for raw in self._lines.stdout:
            offset = json.loads(raw)["offset"]
            self.acknowledged.append(offset)
            self._say("acknowledged", f"at offset {offset}")
        self.lines_code = self._lines.wait()
        self._stack.events.put(("done", None))

    def _received(self, event):
        text = json.dumps(event["data"]) if "data" in event else event.get("data_text", event.get("data_base64", ""))
        self._say("received", f"offset {event['offset']}: {text}")

    def _say(self, what, text):
        with self._print_lock:
            print(f"{what:<13}{text}", flush=True)


def main(options, run):
    """Runs the demo through `run`, which starts and stops the services. Returns the exit code."""
    if options.data_dir is not None:
        return run(options, _session)
    with tempfile.TemporaryDirectory(prefix="eventlog-demo-") as folder:
        options.data_dir = folder
        return run(options, _session)


def _session(stack, options):
    demo = Demo(stack, options.demo or DEFAULT_COMMAND)
    try:
        if not demo.watcher.wait_hello(HELLO_PATIENCE_S):
            print(f"up: the gateway did not greet the watcher; {demo.watcher.error}", file=sys.stderr, flush=True)
            return 1
        finished = demo.run()
    except OSError as failure:
        print(f"up: cannot run the command: {failure}", file=sys.stderr, flush=True)
        return 2
    finally:
        demo.close()
    return _verdict(demo) if finished else 1


def _verdict(demo):
    received = demo.watcher.events
    found = differences(demo.printed, demo.acknowledged, received)
    print(f"\nappended {len(demo.printed)}, acknowledged {len(demo.acknowledged)}, received {len(received)}: "
          + ("they do not agree" if found else "they agree"), flush=True)
    for line in found:
        print(f"up: {line}", file=sys.stderr)
    problems = [demo.watcher.error] if demo.watcher.error else []
    if demo.lines_code:
        problems.append(f"the producer ended with {demo.lines_code}")
    if not demo.printed:
        problems.append("the command printed nothing, so nothing was shown")
    if demo.command_code:
        print(f"up: note: the command ended with {demo.command_code}", file=sys.stderr)
    for problem in problems:
        print(f"up: {problem}", file=sys.stderr, flush=True)
    return 1 if found or problems else 0
