"""sessiond with the user's spool and a log, as tests use it: sessions, attached terminals, and their events."""

import collections
import json
import os
import shutil
import socket
import struct
import subprocess
import tempfile

from log_client import LogClient
from processes import ProcessTest, is_alive, program
from services import EventLogService
from spools import end_spool_senders, wait_for_spool_senders
from terminal import Terminal
from waiting import wait_until

SESSION, SESSIOND = program("producers/session/session"), program("producers/session/sessiond")
DETACH = b"\x1cd"

Event = collections.namedtuple("Event", "type subject data id")


def brief(event):
    """What matters of an event, on one line: its type and the words that tell one such event from another."""
    words = [event.type]
    for key in ("reason", "exit_code", "signal", "new_state"):
        if key in event.data:
            words.append(str(event.data[key]).replace("DISCONNECT_REASON_", "").replace("REMOVAL_REASON_", "")
                         .replace("SESSION_STATE_", ""))
    return " ".join(words)


class SessiondTest(ProcessTest):
    def setUp(self):
        super().setUp()
        # A socket's path has 107 bytes.
        self.short = tempfile.mkdtemp(prefix="sessiond", dir="/tmp")
        self.addCleanup(shutil.rmtree, self.short, ignore_errors=True)
        self.spool = os.path.join(self.folder, "spool")
        self.addCleanup(end_spool_senders, self.spool)
        self.log = EventLogService(self)
        self.env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": self.folder, "LANG": "C.UTF-8", "PS1": "$ ",
                    "TERM": "xterm", "XDG_RUNTIME_DIR": self.short,
                    "EVENTLOG_SESSION_DIR": os.path.join(self.folder, "sessions"),
                    "EVENTLOG_SPOOL_DIR": self.spool, "EVENTLOG_SPOOL_LINGER_MS": "300",
                    "EVENTLOG_SERVER": self.log.grpc}
        self.socket = os.path.join(self.short, "eventlog-sessiond.sock")

    def sessiond(self, *flags, name="sessiond"):
        child = self.start(name, [SESSIOND, *flags], env=self.env)
        self.assertEqual(self.socket, child.ready()["socket"])
        return child

    def session(self, *arguments, code=0, stdin=None):
        """Runs `session` on pipes. Returns what it printed; on standard error when it was to fail."""
        result = subprocess.run([SESSION, *arguments], input=stdin, capture_output=True, text=True, timeout=120,
                                env=self.env, cwd=self.folder)
        self.assertEqual(code, result.returncode, result.stdout + result.stderr)
        return result.stdout if code == 0 else result.stderr

    def start_session(self, *command, flags=()):
        """Returns what `session start` says of it."""
        return json.loads(self.session("start", *flags, "--", *command))

    def sessions(self):
        return {line["session_id"]: line for line in map(json.loads, self.session("list").splitlines())}

    def attach(self, name, *flags, rows=24, columns=80, reading=True):
        return Terminal(self, [SESSION, "attach", *flags, name], env=self.env, cwd=self.folder, rows=rows,
                        columns=columns, reading=reading)

    def daemon_pid(self):
        """Of whoever listens on the socket."""
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(self.socket)
            return struct.unpack("3i", client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]

    def events(self, session_id=None):
        """Those in the log, in order."""
        client = LogClient(self.log.grpc)
        try:
            records = client.read_from()
        finally:
            client.close()
        return [Event(r.event.type, r.event.subject, json.loads(r.event.text), r.event.id) for r in records
                if session_id in (None, r.event.subject)]

    def wait_events(self, session_id, wanted):
        """Until the log has exactly these of a session, as brief() writes them, in this order."""
        found = []

        def same():
            found[:] = [brief(event) for event in self.events(session_id)]
            return len(found) >= len(wanted)

        wait_until(same, lambda: f"the events {wanted}, only {found}")
        self.wait_all_sent()
        self.assertEqual(wanted, [brief(event) for event in self.events(session_id)])

    def wait_all_sent(self):
        """Until the sender has seen an empty spool for its linger, and has ended."""
        wait_for_spool_senders(self.spool)
        self.assertEqual([], self.ids_twice())

    def ids_twice(self):
        counts = collections.Counter(event.id for event in self.events())
        return [event_id for event_id, count in counts.items() if count > 1]

    def assert_ended(self, pid):
        wait_until(lambda: not is_alive(pid), f"process {pid} has ended")
