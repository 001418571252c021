#!/usr/bin/python3
"""The architecture's guard is Bazel's visibility: dependencies that must not exist do not build, and none are there.

Writes a package with one forbidden dependency after the other into a copy of the source tree, asks Bazel to analyze it
with its own server, and expects the refusal to name the target. The same package with an allowed dependency must be
accepted, so that the refusal is known to come from visibility and not from a broken setup. Then asks for all that there
is: who can broadcast, and what the gateway and the producers see of the service. An include without its dependency,
which visibility cannot see, is refused by the clang build.
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
FEED = "//gateway-svc/feed:event_feed"
HUB = "//gateway-svc/hub:hub"
# `eventlog` runs it for what needs stored files.
ADMIN_PROGRAM = "//eventlog-svc/tool:eventlog-admin"
# event_ring comes to hand through client_cursor, whose dependency it is.
LAYERING_PROBE = """
cc_library(
    name = "layering_probe",
    srcs = ["layering_probe.cc"],
    deps = [{}],
)
"""


class VisibilityTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))
        cls.tree = os.path.join(cls.scratch, "tree")
        os.mkdir(cls.tree)
        for entry in os.listdir(ROOT):
            if entry.startswith(("bazel-", ".git")) or entry == "user.bazelrc":
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

    def query(self, expression):
        result = self.bazel("query", expression)
        self.assertEqual(0, result.returncode, result.stderr[-3000:])
        return set(result.stdout.split())

    def test_only_the_feed_broadcasts(self):
        users = self.query(f"rdeps(//..., {HUB}, 1)") - {HUB}
        tests = {user for user in users if user.startswith("//tests/gateway-svc/")}
        self.assertEqual({FEED}, users - tests)
        self.assertTrue(tests)

    def test_gateway_and_producers_see_the_client_library_only(self):
        for side in ("gateway-svc", "producers"):
            with self.subTest(side=side):
                seen = self.query(f"deps(//{side}/..., 1) intersect //eventlog-svc/...")
                self.assertTrue(seen, "nothing depends on the service: the question is wrong")
                seen -= {ADMIN_PROGRAM} if side == "producers" else set()
                self.assertEqual(set(), {target for target in seen if not target.startswith("//eventlog-svc/client:")})

    def test_the_program_that_reads_stored_logs_is_run_and_not_linked(self):
        self.assertEqual({ADMIN_PROGRAM}, self.query(f"labels(data, //producers/...) intersect {ADMIN_PROGRAM}"))
        self.assertEqual(set(), self.query(f"labels(deps, //producers/...) intersect {ADMIN_PROGRAM}"))

    def build_layering_probe(self, *dependencies):
        package = os.path.join(self.tree, "gateway-svc/hub")
        build, source = os.path.join(package, "BUILD"), os.path.join(package, "layering_probe.cc")
        with open(build, encoding="utf-8") as file:
            original = file.read()
        try:
            with open(build, "a", encoding="utf-8") as file:
                file.write(LAYERING_PROBE.format(", ".join(f'"{name}"' for name in dependencies)))
            with open(source, "w", encoding="utf-8") as file:
                file.write('#include "gateway-svc/hub/event_ring.h"\n')
            return self.bazel("build", "--config=clang", "//gateway-svc/hub:layering_probe")
        finally:
            with open(build, "w", encoding="utf-8") as file:
                file.write(original)

    def test_include_without_its_dependency_does_not_build(self):
        refused = self.build_layering_probe(":client_cursor")
        self.assertNotEqual(0, refused.returncode, "layering_check is off")
        self.assertIn("layering_probe", refused.stderr)
        self.assertRegex(refused.stderr, "does not (directly )?depend on a module exporting '.*/event_ring.h'")
        allowed = self.build_layering_probe(":client_cursor", ":event_ring")
        self.assertEqual(0, allowed.returncode, allowed.stderr[-3000:])


if __name__ == "__main__":
    unittest.main()
