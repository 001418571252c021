#!/usr/bin/python3
"""A real disk that is full: the log says so, keeps what it acknowledged, and goes on when there is room again.

Needs root and loop devices; the service runs in a mount namespace of its own, which takes the mounts with it.
"""

import os
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


class FullDiskTest(ProcessTest):
    def mount(self, tmpfs_mib, image_mib):
        """In a mount namespace of its own, which a waiting process holds."""
        script = MOUNT.format(folder=self.folder, tmpfs_mib=tmpfs_mib, image_mib=image_mib)
        self.holder = self.start("mounts", ["unshare", "-m", "--propagation", "private", "bash", "-c", script],
                                 stdin=subprocess.PIPE)
        self.holder.ready()

    def inside(self, *command):
        """The command line that runs a command where the disk is mounted."""
        return ["nsenter", "-m", "-t", str(self.holder.pid), *command]

    def run_inside(self, *command):
        subprocess.run(self.inside(*command), check=True)

    def serve(self, name="eventlog-svc"):
        self.grpc, self.http = fixed_address(), fixed_address()
        child = self.start(name, self.inside(
            program("eventlog-svc/eventlog-svc"), f"--listen={self.grpc}", f"--http_listen={self.http}",
            f"--data_dir={self.folder}/data/log", "--segment_bytes=1048576"))
        child.ready()
        self.client = LogClient(self.grpc)
        return child

    def append_until_refused(self):
        """Returns the payloads that were acknowledged, in order, and the refusal."""
        acknowledged = []
        while len(acknowledged) < 100000:
            payload = {"n": len(acknowledged), "padding": "x" * 50000}
            try:
                self.client.append([text_event("disk.test", str(payload).replace("'", '"'))])
            except grpc.RpcError as error:
                return acknowledged, error
            acknowledged.append(payload)
        raise AssertionError("the disk never filled up")

    def refusal(self, patience_s=20):
        try:
            self.client.append([text_event("disk.test", "0")], timeout_s=patience_s)
        except grpc.RpcError as error:
            return error
        return None

    def payloads(self):
        entries = oracle.log_entries(self.client.read_from(0))
        oracle.check_dense(entries)
        return [payload for _, _, payload in entries]

    def test_full_disk_refuses_and_recovers_without_a_restart(self):
        self.mount(tmpfs_mib=64, image_mib=28)
        filler = f"{self.folder}/data/filler"
        self.run_inside("fallocate", "-l", "4M", filler)
        child = self.serve()
        acknowledged, error = self.append_until_refused()
        self.assertGreater(len(acknowledged), 50)
        self.assertEqual(grpc.StatusCode.RESOURCE_EXHAUSTED, error.code(), error)
        self.assertEqual(["DISK_FULL"], reasons_of(error))
        self.assertTrue(acknowledged == self.payloads())
        self.assertIsNone(child.process.poll())
        self.run_inside("rm", filler)
        wait_until(lambda: self.refusal() is None, "appends are taken again")
        found = self.payloads()
        self.assertTrue(acknowledged == found[:len(acknowledged)])
        self.assertEqual([0] * (len(found) - len(acknowledged)), found[len(acknowledged):])
        self.assertEqual(0, child.stop())


if __name__ == "__main__":
    unittest.main()
