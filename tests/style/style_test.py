#!/usr/bin/python3
"""Holds the source tree against the house rules, after showing that each rule finds what it is for."""

import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import rules  # noqa: E402

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", ".."))


def tracked_files():
    """Every file of the tree, tracked or about to be."""
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard", "-z"], check=True,
                            capture_output=True, text=True).stdout
    return sorted(p for p in listed.split("\0") if p and os.path.isfile(os.path.join(ROOT, p)))


class RulesFindWhatTheyAreFor(unittest.TestCase):
    def test_long_file_and_long_line(self):
        self.assertTrue(rules.size_findings("a.cc", "x\n" * 401))
        self.assertFalse(rules.size_findings("a.cc", "x\n" * 400))
        self.assertTrue(rules.size_findings("a.h", "x" * 121 + "\n"))

    def test_long_function(self):
        body = "  call();\n"
        self.assertTrue(rules.cpp_function_findings("a.cc", "void F() {\n" + body * 69 + "}\n"))
        self.assertFalse(rules.cpp_function_findings("a.cc", "void F() {\n" + body * 68 + "}\n"))
        self.assertTrue(rules.cpp_function_findings("a.h", "class C {\n  void F() {\n" + body * 69 + "  }\n};\n"))
        self.assertTrue(rules.python_function_findings("a.py", "def f():\n" + "  x = 1\n" * 70))

    def test_banned_calls(self):
        for line in ("std::this_thread::sleep_for(x);", "options.set_buffer_hint();", "std::mutex m;", "t.detach();",
                     "using namespace std;", "// TO" + "DO later", "GTEST_SKIP();", "EXPECT_TRUE(true);"):
            self.assertTrue(rules.banned_findings("eventlog-svc/a.cc", line), line)
        self.assertFalse(rules.banned_findings("eventlog-svc/a.cc", 'Say("never sleep_for");  // nor sleep_for here'))
        self.assertTrue(rules.banned_findings("tests/a.py", "time.sl" + "eep(1)"))
        self.assertFalse(rules.banned_findings("tests/support/a.py", "time.sl" + "eep(1)"))
        self.assertTrue(rules.banned_findings("a.sh", "cd /ro" + "ot/x"))

    def test_guard_is_the_path(self):
        self.assertTrue(rules.guard_findings("eventlog-svc/a.h", "#ifndef A_H_\n#define A_H_\n"))
        self.assertFalse(rules.guard_findings("eventlog-svc/a.h", "#ifndef EVENTLOG_SVC_A_H_\n#define EVENTLOG_SVC_A_H_\n"))

    def test_missing_mirror(self):
        self.assertTrue(rules.mirror_findings(["eventlog-svc/x/a.cc"]))
        self.assertFalse(rules.mirror_findings(["eventlog-svc/x/a.cc", "tests/eventlog-svc/x/a_test.cc"]))
        self.assertFalse(rules.mirror_findings(["gateway-svc/main.cc"]))

    def test_layout(self):
        self.assertTrue(rules.layout_findings(["scripts/a.sh"]))
        self.assertTrue(rules.layout_findings(["tests/utils/a.py"]))
        self.assertFalse(rules.layout_findings([".ci/run", "README.md", "tests/support/a.py"]))

    def test_proto_comments(self):
        self.assertTrue(rules.proto_comment_findings("a.proto", "message A {\n  // id\n  string id = 1;\n}\n"))
        self.assertTrue(rules.proto_comment_findings("a.proto", "// A.\nmessage A {\n  string id = 1;\n}\n"))
        self.assertFalse(rules.proto_comment_findings("a.proto", "// A.\nmessage A {\n  // Id.\n  string id = 1;\n}\n"))


class TreeKeepsTheRules(unittest.TestCase):
    def test_every_file(self):
        paths = tracked_files()
        self.assertGreater(len(paths), 20, "the tree was not found")
        found = []
        for path in paths:
            if path.endswith(rules.SOURCE):
                with open(os.path.join(ROOT, path), encoding="utf-8") as file:
                    text = file.read()
                for rule in rules.PER_FILE:
                    found += rule(path, text)
        for rule in rules.PER_TREE:
            found += rule(paths)
        self.assertEqual([], found, "\n" + "\n".join(found))

    def test_clang_format(self):
        paths = [p for p in tracked_files() if p.endswith(rules.CPP)]
        result = subprocess.run(["clang-format-14", "--dry-run", "-Werror", *paths], cwd=ROOT, capture_output=True, text=True)
        self.assertEqual(0, result.returncode, result.stderr[:5000])


if __name__ == "__main__":
    unittest.main()
