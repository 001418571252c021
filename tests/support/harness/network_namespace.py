"""Two network namespaces and the link between them, which a test cuts: packets are then lost without a word to anybody.

Needs root. Nothing outlives the process: the namespaces have no name, and go with the last process in them.
"""

import ctypes
import os
import socket
import subprocess
import sys
import threading

from waiting import wait_until

_CLONE_NEWNET = 0x40000000
_INSIDE = "EVENTLOG_TEST_INSIDE_NAMESPACE"
_NEAR_LINK, _FAR_LINK = "near", "far"
NEAR, FAR = "10.77.0.1", "10.77.0.2"


def enter_own_namespace():
    """Runs this program anew in a network namespace of its own, so that no other test's addresses, ports or links are
    touched. Returns False, and says so, where that cannot be."""
    if os.environ.get(_INSIDE):
        return True
    attempt = ["unshare", "--net", "ip", "link", "add", _NEAR_LINK, "type", "veth"]
    if os.geteuid() != 0 or subprocess.run(attempt, check=False, capture_output=True).returncode != 0:
        print("skipped: needs root and network namespaces", flush=True)
        return False
    os.environ[_INSIDE] = "1"
    os.execvp("unshare", ["unshare", "--net", "--", sys.executable, *sys.argv])


class FarSide:
    """A second namespace behind a link. This process is at NEAR, what is started with `prefix` at FAR."""

    def __init__(self, test):
        # It ends with its standard input, which is this process's.
        self._holder = test.start("namespace holder", ["unshare", "--net", "cat"], stdin=subprocess.PIPE)
        test.addCleanup(self._holder.process.stdin.close)
        own = os.stat("/proc/self/ns/net").st_ino
        wait_until(lambda: os.stat(self._path()).st_ino != own, "the namespace is there")
        _ip("link", "set", "lo", "up")
        _ip("link", "add", _NEAR_LINK, "type", "veth", "peer", "name", _FAR_LINK, "netns", str(self._holder.pid))
        _ip("address", "add", f"{NEAR}/24", "dev", _NEAR_LINK)
        _ip("link", "set", _NEAR_LINK, "up")
        for command in (["link", "set", "lo", "up"], ["address", "add", f"{FAR}/24", "dev", _FAR_LINK],
                        ["link", "set", _FAR_LINK, "up"]):
            self._far_ip(*command)

    def _path(self):
        return f"/proc/{self._holder.pid}/ns/net"

    @property
    def prefix(self):
        """In front of a command that is to run on the far side."""
        return ["nsenter", f"--net={self._path()}", "--"]

    def cut(self):
        """The link goes down on the far side: what is sent from here is lost, and nobody is told."""
        self._far_ip("link", "set", _FAR_LINK, "down")

    def mend(self):
        self._far_ip("link", "set", _FAR_LINK, "up")

    def _far_ip(self, *words):
        subprocess.run([*self.prefix, "ip", *words], check=True, capture_output=True)

    def sockets(self, count):
        """TCP sockets of the far side, for this process to use."""
        made, failures = [], []

        def make():
            try:
                with open(self._path(), "rb") as namespace:
                    if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), _CLONE_NEWNET) != 0:
                        raise OSError(ctypes.get_errno(), "setns")
                made.extend(socket.socket() for _ in range(count))
            except OSError as failure:
                failures.append(failure)

        # A namespace is a thread's: this one ends in the other.
        thread = threading.Thread(target=make)
        thread.start()
        thread.join()
        if failures:
            raise failures[0]
        return made


def _ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True)
