"""The processes that send from the spools of a test: they outlive who started them, and must not outlive the test."""

import os
import signal

from processes import is_alive
from waiting import wait_until


def spool_senders(folder):
    """The pids of those that send from a spool below the folder (the EVENTLOG_SPOOL_DIR of the test)."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
        except OSError:
            continue
        if b"spool-sender" in words and any(word.startswith(folder.encode()) for word in words) and is_alive(pid):
            found.append(int(pid))
    return found


def wait_for_spool_senders(folder):
    """Until each has ended by itself, as it does a while after all is sent."""
    wait_until(lambda: not spool_senders(folder), lambda: f"senders end: {spool_senders(folder)}")


def end_spool_senders(folder):
    """Ends those whose log never comes; as a test's cleanup."""
    for pid in spool_senders(folder):
        os.kill(pid, signal.SIGTERM)
    wait_for_spool_senders(folder)
