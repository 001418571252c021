#!/usr/bin/python3
"""A real disk that is full: the log says so, keeps what it acknowledged, and goes on when there is room again. Once,
filled by the log alone; then again and again, freed by others or by a trim, with a restart and without.

Needs root and loop devices; the service runs in a mount namespace of its own, which takes the mounts with it.
"""

import json
import os
import random
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
import grpc  # noqa: E402
import oracle  # noqa: E402
from log_client import LogClient, reasons_of, text_event  # noqa: E402
from processes import ProcessTest, fixed_address, program  # noqa: E402
from waiting import wait_until  # noqa: E402

# mkfs and what mounts loop devices are no commands for everybody, and not on the PATH of a test.
MOUNT = """set -e
PATH=$PATH:/usr/sbin:/sbin
mkdir -p {folder}/disk {folder}/data
mount -t tmpfs -o size={tmpfs_mib}m none {folder}/disk
truncate -s {image_mib}M {folder}/disk/image
mkfs.ext4 -q -E lazy_itable_init=1,nodiscard {folder}/disk/image
mount -o loop {folder}/disk/image {folder}/data
echo ready mounted=yes
exec cat
"""
# Room that the filler leaves, which decides what fails: less than a segment, one, some.
ROOM_KIB = (0, 3000)
RESTART_EVERY = 10

cycles = int(sys.argv.pop().split("=")[1])


class FullDiskTest(ProcessTest):
    def mount(self, tmpfs_mib, image_mib):
        """In a mount namespace of its own, which a waiting process holds."""
        script = MOUNT.format(folder=self.folder, tmpfs_mib=tmpfs_mib, image_mib=image_mib)
        self.holder = self.start("mounts", ["unshare", "-m", "--propagation", "private", "bash", "-c", script],
                                 stdin=subprocess.PIPE)
        self.holder.ready()
        # The path to the same place from here.
        self.data = f"/proc/{self.holder.pid}/root{self.folder}/data"
        self.filler = f"{self.data}/filler"

    def inside(self, *command):
        """The command line that runs a command where the disk is mounted."""
        return ["nsenter", "-m", "-t", str(self.holder.pid), *command]

    def serve(self, name="eventlog-svc"):
        self.grpc, self.http = fixed_address(), fixed_address()
        self.child = self.start(name, self.inside(
            program("eventlog-svc/eventlog-svc"), f"--listen={self.grpc}", f"--http_listen={self.http}",
            f"--data_dir={self.folder}/data/log", "--segment_bytes=1048576"))
        self.child.ready()
        self.client = LogClient(self.grpc)

    def fill(self, bytes_kept):
        """All that is free but this, with a file that is not the log's."""
        disk = os.statvfs(self.data)
        size = max(4096, disk.f_bavail * disk.f_bsize - bytes_kept)
        with open(self.filler, "wb") as file:
            try:
                os.posix_fallocate(file.fileno(), 0, size)
            except OSError:
                pass  # the file system needs some for itself: what it took stays taken

    def append_until_refused(self):
        """Returns the numbers that were acknowledged, in order, and the refusal of the next one."""
        acknowledged = []
        while len(acknowledged) < 100000:
            self.sent += 1
            error = self.refusal(self.sent)
            if error is not None:
                return acknowledged, error
            acknowledged.append(self.sent)
        raise AssertionError("the disk never filled up")

    def refusal(self, number):
        """Of one append, or None when it is acknowledged. All are of one size: a smaller one might find room still."""
        try:
            self.client.append([text_event("disk.test", json.dumps({"n": number, "padding": "x" * 50000}))])
        except grpc.RpcError as error:
            return error
        return None

    def assert_full(self, error):
        self.assertEqual(grpc.StatusCode.RESOURCE_EXHAUSTED, error.code(), error)
        self.assertEqual(["DISK_FULL"], reasons_of(error))

    def entries(self, offset=0):
        """As (offset, number)."""
        return [(offset, payload["n"]) for offset, _, payload in oracle.log_entries(self.client.read_from(offset))]

    def setUp(self):
        super().setUp()
        self.sent = 0

    def test_full_disk_refuses_and_recovers_without_a_restart(self):
        self.mount(tmpfs_mib=64, image_mib=28)
        with open(self.filler, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, 4 << 20)
        self.serve()
        acknowledged, error = self.append_until_refused()
        self.assertGreater(len(acknowledged), 50)
        self.assert_full(error)
        kept = list(enumerate(acknowledged))
        self.assertEqual(kept, self.entries())
        self.assertIsNone(self.child.process.poll())
        os.unlink(self.filler)
        wait_until(lambda: self.refusal(0) is None, "appends are taken again")
        self.assertEqual(kept + [(len(kept), 0)], self.entries())
        self.assertEqual(0, self.child.stop())

    def test_it_is_filled_and_freed_again_and_again(self):
        seed = int.from_bytes(os.urandom(4), "little")
        print(f"seed {seed}", flush=True)
        choose = random.Random(seed)
        self.mount(tmpfs_mib=64, image_mib=28)
        self.serve()
        self.start_offset, self.kept = 0, []  # all that was acknowledged and not trimmed
        counts = {"freed by others": 0, "freed by a trim": 0, "restarted while full": 0}
        total = 0
        for number in range(cycles):
            self.fill(choose.randint(*ROOM_KIB) << 10)
            acknowledged, error = self.append_until_refused()
            self.assert_full(error)
            self.keep(acknowledged)
            total += len(acknowledged)
            if number % RESTART_EVERY == RESTART_EVERY - 1:
                self.restart_full(choose)
                counts["restarted while full"] += 1
            counts[self.free(choose)] += 1
        self.check_all()
        self.assertEqual(0, self.child.stop())
        print(f"{cycles} cycles: {total} events acknowledged; {counts}", flush=True)

    def keep(self, numbers):
        """What was acknowledged since the last time; it is there, and nothing else."""
        due = self.start_offset + len(self.kept)
        new = [(due + index, number) for index, number in enumerate(numbers)]
        self.assertEqual(new, self.entries(due))
        self.kept += new

    def check_all(self):
        self.assertEqual(self.kept, self.entries(self.start_offset))

    def restart_full(self, choose):
        if choose.randrange(2):
            self.child.kill()
        else:
            self.child.signal(signal.SIGTERM)
            self.assertEqual(0, self.child.wait())
        self.client.close()
        self.serve()
        self.check_all()

    def segments(self):
        return [name for name in os.listdir(f"{self.data}/log/logs/events") if name.endswith(".log")]

    def free(self, choose):
        """Room again, one way or the other, until an append is taken. Says which way."""
        head = self.start_offset + len(self.kept)
        self.assert_full(self.refusal(0))
        # The active segment stays: a trim frees others.
        by_trim = len(self.segments()) > 1 and choose.randrange(2) == 0
        if by_trim:
            self.trim(head)
        else:
            os.unlink(self.filler)
        wait_until(lambda: self.refusal(0) is None, "appends are taken again")
        self.assertEqual([(head, 0)], self.entries(head))
        self.trim(head + 1)
        if by_trim:
            os.unlink(self.filler)
        return "freed by a trim" if by_trim else "freed by others"

    def trim(self, offset):
        self.assertEqual(offset, self.client.trim(offset))
        self.assertEqual([], self.entries(offset))
        self.start_offset, self.kept = offset, []


if __name__ == "__main__":
    unittest.main()
