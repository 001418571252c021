#!/usr/bin/python3
"""The architecture's guard is Bazel's visibility: dependencies that must not exist do not build.

Writes a package with one forbidden dependency after the other into a copy of the source tree, asks Bazel to analyze it with
its own server, and expects the refusal to name the target. The same package with an allowed dependency must be accepted,
so that the refusal is known to come from visibility and not from a broken setup.
"""

import os
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", ".."))

# package that asks, target that it must not see
FORBIDDEN = [
    ("gateway-svc/http", "//gateway-svc/hub:hub", "only the feed broadcasts"),
    ("gateway-svc/websocket", "//gateway-svc/hub:hub", "only the feed broadcasts"),
    ("producers/cli", "//gateway-svc/hub:hub", "only the feed broadcasts"),
    ("gateway-svc", "//gateway-svc/hub:hub", "only the feed broadcasts"),
    ("gateway-svc/feed", "//eventlog-svc/engine:engine", "the gateway sees the client library only"),
    ("gateway-svc/feed", "//eventlog-svc/storage:segmented_log", "the gateway sees the client library only"),
    ("producers/lines", "//eventlog-svc/engine:engine", "producers see the client library only"),
    ("producers/cli", "//eventlog-svc/rpc:event_log_service", "producers see the client library only"),
    ("producers/cli", "//gateway-svc/feed:event_feed", "producers reach a socket through the log only"),
    ("eventlog-svc/storage", "//eventlog-svc/rpc:event_log_service", "dependencies run one way"),
    ("eventlog-svc/storage", "//eventlog-svc/engine:commit_log", "storage knows nothing of the engine but its types"),
    ("eventlog-svc/engine", "//eventlog-svc/rpc:event_log_service", "dependencies run one way"),
    ("eventlog-svc/client", "//eventlog-svc/engine:engine", "the client library sees the API only"),
    ("gateway-svc/hub", "//gateway-svc/feed:event_feed", "dependencies run one way"),
]
ALLOWED = [
    ("gateway-svc/feed", "//gateway-svc/hub:hub"),
    ("gateway-svc/feed", "//eventlog-svc/client:event_stream"),
    ("producers/cli", "//eventlog-svc/client:event_log_client"),
    ("producers/cli", "//proto:event_log"),
]


class VisibilityTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))
        cls.tree = os.path.join(cls.scratch, "tree")
        os.mkdir(cls.tree)
        for entry in os.listdir(ROOT):
            if entry.startswith(("bazel-", ".git")) or entry in ("tests", "user.bazelrc"):
                continue
            source, target = os.path.join(ROOT, entry), os.path.join(cls.tree, entry)
            shutil.copytree(source, target) if os.path.isdir(source) else shutil.copy(source, target)
        cls.base = os.path.join(cls.scratch, "base")

    @classmethod
    def tearDownClass(cls):
        cls.bazel("shutdown")
        subprocess.run(["chmod", "-R", "u+w", cls.scratch], check=False)
        shutil.rmtree(cls.scratch, ignore_errors=True)

    @classmethod
    def bazel(cls, *arguments):
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": cls.scratch, "USER": "test"}
        return subprocess.run(["bazel", "--output_base=" + cls.base, "--max_idle_secs=60", *arguments], cwd=cls.tree,
                              env=environment, capture_output=True, text=True)

    def analyze(self, package, dependency):
        build = os.path.join(self.tree, package, "BUILD")
        with open(build, encoding="utf-8") as file:
            original = file.read()
        try:
            with open(build, "a", encoding="utf-8") as file:
                file.write(f'\nfilegroup(name = "visibility_probe", srcs = ["{dependency}"])\n')
            return self.bazel("build", "--nobuild", f"//{package}:visibility_probe")
        finally:
            with open(build, "w", encoding="utf-8") as file:
                file.write(original)

    def test_forbidden_dependencies_do_not_build(self):
        for package, dependency, why in FORBIDDEN:
            with self.subTest(package=package, dependency=dependency):
                result = self.analyze(package, dependency)
                self.assertNotEqual(0, result.returncode, f"//{package} may depend on {dependency}, but {why}")
                self.assertIn(f"target '{dependency}' is not visible from", result.stderr)

    def test_allowed_dependencies_build(self):
        for package, dependency in ALLOWED:
            with self.subTest(package=package, dependency=dependency):
                result = self.analyze(package, dependency)
                self.assertEqual(0, result.returncode, result.stderr[-3000:])


if __name__ == "__main__":
    unittest.main()
