"""The processes that send from the spools of a test: they outlive who started them, and must not outlive the test."""

import os
import signal

from waiting import wait_until


def spool_senders(folder):
    """The pids of those that send from a spool below the folder (the EVENTLOG_SPOOL_DIR of the test), or are about to
    look whether they have to."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
        except OSError:
            continue
        if len(words) > 2 and words[1] == b"spool-sender" and words[2].startswith(folder.encode()):
            found.append(int(pid))
    return found


def signal_spool_senders(folder, number):
    for pid in spool_senders(folder):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def wait_for_spool_senders(folder):
    """Until each has ended by itself, as it does a while after all is sent."""
    wait_until(lambda: not spool_senders(folder), lambda: f"senders end: {spool_senders(folder)}")


def end_spool_senders(folder, number=signal.SIGTERM):
    """Ends those whose log never comes, and those that are only starting; as a test's cleanup."""
    def none_left():
        signal_spool_senders(folder, number)
        return not spool_senders(folder)

    wait_until(none_left, "no sender is left")
