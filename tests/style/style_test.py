#!/usr/bin/python3
"""Holds the source tree against the house rules, after showing that each rule finds what it is for."""

import os
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True  # these files lie in the source tree
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import build_targets  # noqa: E402
import cpp_functions  # noqa: E402
import includes  # noqa: E402
import rules  # noqa: E402

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", ".."))


def tracked_tree():
    """Every text file of the tree, tracked or about to be: its path and its text."""
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard", "-z"], check=True,
                            capture_output=True, text=True).stdout
    tree = {}
    for path in sorted(p for p in listed.split("\0") if p and os.path.isfile(os.path.join(ROOT, p))):
        with open(os.path.join(ROOT, path), "rb") as file:
            content = file.read()
        # What fuzzers are given is bytes, also where it has no zero.
        if b"\0" not in content and not path.startswith("tests/fuzz/corpus/"):
            tree[path] = content.decode("utf-8")
    return tree


def library(name, *headers):
    return f'cc_library(name = "{name}", hdrs = {list(headers)})\n'


class RulesFindWhatTheyAreFor(unittest.TestCase):
    def test_long_file_and_long_line(self):
        self.assertTrue(rules.size_findings("a.cc", "x\n" * 401))
        self.assertFalse(rules.size_findings("a.cc", "x\n" * 400))
        for path in ("a.h", "a.py", "a.sh", "a.bzl", "a.js", ".ci/run"):
            self.assertTrue(rules.size_findings(path, "x" * 121 + "\n"), path)
            self.assertFalse(rules.size_findings(path, "x" * 120 + "\n"), path)
        self.assertFalse(rules.size_findings("a.md", "x" * 121 + "\n"))

    def assert_function_is_measured(self, before, after, lines):
        """A function of `lines` lines beside its body is found from 71 lines on."""
        body = "  call();\n"
        for more, found in ((71, True), (70, False)):
            text = before + body * (more - lines) + after
            self.assertEqual(found, bool(rules.cpp_function_findings("a.cc", text)), text[:200])

    def test_long_function(self):
        self.assert_function_is_measured("void F() {\n", "}\n", 2)
        self.assert_function_is_measured("class C {\n public:\n  void F() {\n", "  }\n};\n", 2)
        self.assertTrue(rules.python_function_findings("a.py", "def f():\n" + "  x = 1\n" * 70))

    def test_long_function_of_another_layout(self):
        self.assert_function_is_measured("int Foo(int first,\n        int second)\n    const {\n", "}\n", 4)
        self.assert_function_is_measured("A::A(int a)\n    : a_{a},\n      b_(F({1}))\n{\n", "}\n", 5)
        self.assert_function_is_measured("template <typename T, int n = G<1>::k> void F(T t) {\n", "}\n", 2)
        self.assert_function_is_measured("template <typename T>\nvoid F(T t) {\n", "}\n", 3)
        self.assert_function_is_measured("struct A {\n  struct B {\n    struct C {\n      auto F() -> int {\n",
                                         "      }\n    };\n  };\n};\n", 2)
        self.assert_function_is_measured("void F(Options options = {}, int = int{1}) {\n  if (a) {\n  }\n", "}\n", 4)
        self.assert_function_is_measured("bool operator==(const A& a, const A& b) {\n", "}\n", 2)
        self.assert_function_is_measured('extern "C" struct x* F(int a) {\n', "}\n", 2)
        self.assert_function_is_measured("const auto kF = [](int a) -> int {\n", "};\n", 2)
        self.assert_function_is_measured("TEST_F(A, B) {\n  Say(\"}}\" R\"x(})\"})x\", '}', 1'000);  // }\n", "}\n", 3)

    def test_what_is_no_function_has_no_length(self):
        body = "  {1, F(2)},\n" * 80
        for before in ("const std::vector<A> kTable{\n", "constexpr A kTable[] = {\n", "namespace a {\n",
                       "enum class E {\n",
                       "class ABSL_LOCKABLE alignas(64) C : public B<void(int)> {\n"):
            self.assertEqual([], rules.cpp_function_findings("a.cc", before + body + "};\n"), before)
        for text in ("void F() {\n", "}\n", "#if A\nvoid F() {\n#else\n  void F() {\n#endif\n}\n  {\n"):
            self.assertTrue(rules.cpp_function_findings("a.cc", text), text)

    def test_banned_calls(self):
        for line in ("std::this_thread::sleep_for(x);", "sleep(1);", "usleep(10);", "poll(nullptr, 0, 100);",
                     "poll(NULL, 0, ms);", "select(0, nullptr, nullptr, nullptr, &t);", "options.set_buffer_hint();",
                     "std::mutex m;", "std::shared_timed_mutex m;", "std::condition_variable_any c;", "t.detach();",
                     "thread_->detach();", "using namespace std;", "// TO" + "DO later", "GTEST_SKIP();",
                     "EXPECT_TRUE(true);"):
            self.assertTrue(rules.banned_findings("eventlog-svc/a.cc", line), line)
        for line in ('Say("never sleep_for");  // nor sleep_for here', "poll(ready, 2, -1);", "select(1, &r, w, e, t);",
                     "Asleep();"):
            self.assertFalse(rules.banned_findings("eventlog-svc/a.cc", line), line)

    def test_banned_in_python(self):
        for line in ("time.sl" + "eep(1)", "from time import monotonic, sl" + "eep", "await asyncio.sl" + "eep(1)"):
            self.assertTrue(rules.banned_findings("tests/a.py", line), line)
            self.assertFalse(rules.banned_findings("tests/support/a.py", line), line)
        for line in ("@unittest.sk" + "ip('later')", "self.sk" + "ipTest('later')", "@unittest.sk" + "ipIf(x, y)",
                     "raise unittest.Sk" + "ipTest()", "sh('sl" + "eep 5')"):
            self.assertTrue(rules.banned_findings("tests/support/a.py", line), line)

    def test_banned_in_shell(self):
        for path in ("a.sh", ".ci/run", "tests/BUILD", "a.bzl"):
            for line in ("sl" + "eep 1", "a; sl" + "eep 0.5", 'sl' + 'eep "$n"'):
                self.assertTrue(rules.banned_findings(path, line), (path, line))
        self.assertFalse(rules.banned_findings("a.sh", "asleep 1  # sl" + "eep 1"))

    def test_banned_in_every_text_file(self):
        for path in ("a.sh", "BUILD", "tests/x/BUILD", "WORKSPACE", "README.md", ".ci/run", ".bazelrc", "a.html",
                     "go.mod"):
            for line in ("cd /ro" + "ot/x", "HA" + "CK", "see https://pypi" + ".org/x"):
                self.assertTrue(rules.banned_findings(path, line), (path, line))
        self.assertFalse(rules.banned_findings("LICENSE", "/ho" + "me/"))

    def test_guard_is_the_path(self):
        self.assertTrue(rules.guard_findings("eventlog-svc/a.h", "#ifndef A_H_\n#define A_H_\n"))
        guard = "#ifndef EVENTLOG_SVC_A_H_\n#define EVENTLOG_SVC_A_H_\n"
        self.assertFalse(rules.guard_findings("eventlog-svc/a.h", guard))

    def test_missing_mirror(self):
        test, build = "tests/eventlog-svc/x/a_test.cc", "tests/eventlog-svc/x/BUILD"
        target = 'cc_test(name = "a_test", srcs = ["a_test.cc"])\n'
        whole = {"eventlog-svc/x/a.cc": "", test: "TEST(A, B) {}\n", build: target}
        self.assertFalse(rules.mirror_findings(whole))
        self.assertFalse(rules.mirror_findings({**whole, test: "TEST_P(\n    A, B) {}\n"}))
        for damage, words in (({test: "// no TEST here\n"}, "has no TEST"), ({build: "# a_test.cc\n"}, "never runs"),
                              ({build: target.replace("cc_test", "filegroup")}, "never runs")):
            self.assertIn(words, "".join(rules.mirror_findings({**whole, **damage})))
        self.assertTrue(rules.mirror_findings({"eventlog-svc/x/a.cc": ""}))
        self.assertFalse(rules.mirror_findings({"gateway-svc/main.cc": ""}))

    def test_one_target_for_each_header(self):
        find = build_targets.header_findings
        self.assertFalse(find({"x/a.h": "", "x/b.h": "", "x/BUILD": library("a", "a.h") + library("b", "b.h")}))
        self.assertIn("no target", "".join(find({"x/a.h": "", "x/BUILD": ""})))
        self.assertIn("//x:b", "".join(find({"x/a.h": "", "x/BUILD": library("a", "a.h") + library("b", "a.h")})))
        self.assertIn("2 headers", "".join(find({"x/BUILD": library("a", "a.h", "b.h")})))
        self.assertIn("plain list", "".join(find({"x/BUILD": 'cc_library(name = "a", hdrs = glob(["*.h"]))'})))

    def test_what_is_included_is_declared(self):
        find = includes.undeclared_findings
        build = library("a", "a.h") + library("b", "b.h") + 'cc_test(name = "c", srcs = ["c.cc"], deps = [":a"])\n'
        tree = {"x/BUILD": build, "x/a.h": "#include <sys/stat.h>\n#include <vector>\n", "x/b.h": "",
                "x/c.cc": '#include "x/a.h"\n#include "gtest/gtest.h"\n'}
        self.assertEqual([], find(tree))
        for header, owner in (("x/b.h", "//x:b"), ("grpcpp/grpcpp.h", "@system//:grpc")):
            self.assertEqual([f"x/c.cc:1: includes {header} of {owner}, which the deps of //x:c do not name"],
                             find({**tree, "x/c.cc": f'#include "{header}"\n'}))
        self.assertIn("no target is known", find({**tree, "x/c.cc": "#include <zstd.h>\n"})[0])
        self.assertEqual(["x/d.cc:1: belongs to no target"], find({**tree, "x/d.cc": ""}))
        self.assertIn("is not there", find({"x/BUILD": build, "x/a.h": "", "x/b.h": ""})[0])
        of_header = {**tree, "x/a.h": '#include "x/b.h"\n'}
        self.assertEqual(1, len(find(of_header)))
        for deps in ('[":b"]', '["//x:b"]', '_B + []', 'select({"y": ["//x:b"]})'):
            named = build.replace(f"hdrs = {['a.h']}", f"hdrs = {['a.h']}, deps = {deps}") + '_B = [":b"]\n'
            self.assertEqual([], find({**of_header, "x/BUILD": named}), deps)
        proto = 'cc_grpc_library(name = "p", srcs = ["p.proto"])\n'
        found = find({**tree, "x/BUILD": build + proto, "x/c.cc": '#include "x/p.grpc.pb.h"\n'})
        self.assertIn("of //x:p", found[0])

    def test_what_is_included_is_declared_by_targets_of_a_list(self):
        tree = {"x/a_test.cc": '#include "x/b.h"\n', "x/b.h": "", "y/BUILD": "", "z/f.cc": '#include "x/b.h"\n',
                "z/BUILD": 'cc_fuzz_target(name = "f", src = "f.cc", deps = ["//x:b"])\n'}
        for target in ('[cc_test(name = name + "_test", srcs = [name + "_test.cc"], deps = _D) for name in _ALL]\n',
                       '[cc_test(name = n, srcs = [n + e], deps = d) for n, e, d in [("a_test", ".cc", _D)]]\n',
                       '[cc_test(name = n, srcs = [n + "_test.cc"], deps = _D) for n in _OF]\n',
                       '[cc_test(name = n, srcs = [n + "_test.cc"], deps = d) for n, d in _OF.items()]\n'):
            for deps, count in (('["//x:b"]', 0), ("[]", 1)):
                build = library("b", "b.h") + f'_ALL = ["a"]\n_D = {deps}\n_OF = {{"a": {deps}}}\n' + target
                self.assertEqual(count, len(includes.undeclared_findings({**tree, "x/BUILD": build})), target)

    def test_reasons_that_nobody_gets(self):
        tree = {"eventlog-svc/a.cc": 'return Error(absl::StatusCode::kAborted,\n      "LOST", "x");\n',
                "eventlog-svc/b.h": 'InvalidField("NOT_RIGHT", "x")',
                "proto/eventlog/v1/a.proto": "// NOT_FOUND with reason\n// NO_SUCH when it is not there.\n",
                "tests/eventlog-svc/a_test.cc": 'HasReason("LOST")'}
        found = "".join(rules.reason_findings(tree))
        for reason in ("LOST", "NOT_RIGHT", "NO_SUCH"):
            self.assertIn(f"the reason {reason}", found)
        tree["tests/conformance/a_test.cc"] = 'HasReason("LOST") HasReason("NO_SUCH")'
        tree["tests/crash/a_test.py"] = '["NOT_RIGHT"]'
        self.assertFalse(rules.reason_findings(tree))

    def test_layout(self):
        self.assertTrue(rules.layout_findings({"scripts/a.sh": ""}))
        self.assertTrue(rules.layout_findings({"tests/utils/a.py": ""}))
        self.assertFalse(rules.layout_findings({".ci/run": "", "README.md": "", "tests/support/a.py": ""}))

    def test_proto_comments(self):
        self.assertTrue(rules.proto_comment_findings("a.proto", "message A {\n  // id\n  string id = 1;\n}\n"))
        self.assertTrue(rules.proto_comment_findings("a.proto", "// A.\nmessage A {\n  string id = 1;\n}\n"))
        self.assertFalse(rules.proto_comment_findings("a.proto", "// A.\nmessage A {\n  // Id.\n  string id = 1;\n}\n"))


class TreeKeepsTheRules(unittest.TestCase):
    def test_every_file(self):
        tree = tracked_tree()
        self.assertGreater(len(tree), 20, "the tree was not found")
        found = []
        for path, text in tree.items():
            for rule in rules.PER_FILE:
                found += rule(path, text)
        for rule in rules.PER_TREE:
            found += rule(tree)
        self.assertEqual([], found, "\n" + "\n".join(found))

    def test_functions_are_found(self):
        """The brace matcher knows this tree: a body that stands outside of every function would not be measured."""
        for path, text in tracked_tree().items():
            if path.endswith(rules.CPP):
                code = cpp_functions.without_opaque(text).split("\n")
                inside = {line for first, last in cpp_functions.functions(text) for line in range(first, last + 1)}
                for number, line in enumerate(code, 1):
                    if number not in inside:
                        self.assertNotRegex(line, r"^ {0,4}(if|for|while|return|switch|else)\b", f"{path}:{number}")

    def test_clang_format(self):
        paths = [path for path in tracked_tree() if path.endswith(rules.CPP)]
        result = subprocess.run(["clang-format-14", "--dry-run", "-Werror", *paths], cwd=ROOT, capture_output=True,
                                text=True)
        self.assertEqual(0, result.returncode, result.stderr[:5000])


if __name__ == "__main__":
    unittest.main()
