#!/usr/bin/python3
"""Hooks while the disk that they keep their events on is full: they say so and hinder nobody, what they said is kept is
in the log once, and they keep again when there is room.

Needs root, and loop devices; everything that uses the disk runs in a mount namespace of its own.
"""

import json
import os
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from hooks import Hooks, payload_of  # noqa: E402
from log_client import LogClient  # noqa: E402
from processes import ProcessTest  # noqa: E402
from services import EventLogService  # noqa: E402

# mkfs and what mounts loop devices are no commands for everybody, and not on the PATH of a test.
TMPFS = "mount -t tmpfs -o size=6m none {folder}/disk"
EXT4 = """mkdir {folder}/image
mount -t tmpfs -o size=16m none {folder}/image
truncate -s 12M {folder}/image/file
mkfs.ext4 -q -E lazy_itable_init=1,nodiscard {folder}/image/file
mount -o loop {folder}/image/file {folder}/disk"""
MOUNT = """set -e
PATH=$PATH:/usr/sbin:/sbin
mkdir -p {folder}/disk
%s
echo ready mounted=yes
exec cat
"""
DISK_FULL = 21  # as `eventlog hook --help` says
LARGE = "x" * 200_000
OTHER_SPOOL = "--source=/other"  # which counts for itself
ROOM_BYTES = (0, 4096, 32768, 100_000)


class HookFullDiskTest(ProcessTest):
    def begin(self, mount):
        self.log = EventLogService(self)
        holder = self.start("mounts", ["unshare", "-m", "--propagation", "private", "bash", "-c",
                                       (MOUNT % mount).format(folder=self.folder)], stdin=subprocess.PIPE)
        holder.ready()
        self.disk = f"/proc/{holder.pid}/root{self.folder}/disk"
        self.prefix = ["nsenter", "-m", "-t", str(holder.pid)]
        self.hooks = self.hooks_in("spools")
        self.kept = []
        self.lost = 0

    def hooks_in(self, name):
        return Hooks(self, self.log.grpc, spools=f"{self.folder}/disk/{name}", prefix=self.prefix)

    def fill(self, bytes_kept):
        disk = os.statvfs(self.disk)
        with open(f"{self.disk}/filler", "wb") as file:
            try:
                os.posix_fallocate(file.fileno(), 0, max(4096, disk.f_bavail * disk.f_bsize - bytes_kept))
            except OSError:
                pass  # what it took stays taken
            try:
                while bytes_kept == 0:
                    file.write(b"x" * 4096)
                    file.flush()
            except OSError:
                pass
            try:
                file.close()
            except OSError:
                pass

    def free(self):
        os.remove(f"{self.disk}/filler")

    def hook(self, n, **members):
        """Counts as kept if it says so. Returns whether it did."""
        code, error = self.hooks.run(payload_of("Stop", n=n, **members), "--strict")
        self.assertIn((code, error.count("\n")), ((0, 0), (DISK_FULL, 1)), error)
        if code == 0:
            self.kept.append(n)
        else:
            self.assertIn("the event is lost", error)
            self.lost += 1
        return code == 0

    def hook_without_room(self):
        code, error = self.hooks.run(payload_of("Stop", n=-1, x=LARGE))
        self.assertEqual(0, code)
        self.lost += "the event is lost" in error

    def check_full(self, mount):
        self.begin(mount)
        self.hook(0)
        self.hooks.flush()
        n = 0
        for room in ROOM_BYTES:
            self.fill(room)
            outcomes = []
            for _ in range(4):
                outcomes.append(self.hook(n := n + 1, x=LARGE))
                outcomes.append(self.hook(n := n + 1))
            self.assertFalse(all(outcomes), f"the disk was not full with room for {room}")
            began = time.monotonic()
            code, error = self.hooks.run(payload_of("Stop", n=-1, x="x" * 400_000))
            took_ms = (time.monotonic() - began) * 1000
            self.assertEqual((0, 1), (code, error.count("\n")), error)
            self.lost += 1
            # A folder that is not there yet cannot be made, or not be filled.
            first = self.hooks_in(f"first-{room}").run(payload_of("Stop", n=-1, x=LARGE), "--strict", OTHER_SPOOL)
            self.assertEqual(DISK_FULL, first[0], first)
            self.free()
            print(f"room {room}: {sum(outcomes)} of {len(outcomes)} kept; a hook that cannot keep: {took_ms:.0f} ms",
                  flush=True)
            self.assertTrue(self.hook(n := n + 1, x=LARGE))
            self.hooks.flush()
            self.assertEqual((0, ""), self.hooks_in(f"first-{room}").run(payload_of("Stop", n=-2), "--strict",
                                                                         OTHER_SPOOL))
        self.check_log()

    def check_log(self):
        records = LogClient(self.log.grpc).read_from(0)
        payloads = [json.loads(record.event.text) for record in records if record.event.type == "hook.stop"]
        self.assertEqual(self.kept, [payload["n"] for payload in payloads if payload["n"] >= 0])
        status = self.hooks.ask("status")
        self.assertEqual((0, 0), (status["events"], status["rejected"]))
        told = [json.loads(record.event.text)["lost"] for record in records
                if (record.event.type, record.event.source) == ("hook.lost", "/hook")]
        self.assertEqual((self.lost, self.lost), (status["dropped"], sum(told)), told)
        print(f"kept {len(self.kept)}, lost {self.lost}: counted and told", flush=True)

    def test_full_tmpfs(self):
        self.check_full(TMPFS)

    def test_full_ext4(self):
        self.check_full(EXT4)

    def test_what_cannot_be_taken_out_is_not_sent_twice(self):
        self.begin(EXT4)
        self.hook(0)
        self.hooks.flush()
        self.log.child.signal(signal.SIGSTOP)
        for n in range(1, 21):
            self.assertTrue(self.hook(n, x="x" * 1000))
        self.fill(0)
        self.log.child.signal(signal.SIGCONT)
        self.hook_without_room()
        self.hooks.kill_senders()
        self.hook_without_room()
        self.free()
        self.assertTrue(self.hook(21))
        self.hooks.flush()
        self.check_log()


if __name__ == "__main__":
    unittest.main()
