"""The house rules of the source tree, each a function from a file to the findings in it.

A finding is a string "PATH:LINE: what is wrong; what would be right". CONTRIBUTING.md lists the rules for people.
"""

import ast
import os
import re

LINES_MAX = 400
COLUMNS_MAX = 120
FUNCTION_LINES_MAX = 70

SOURCE = (".cc", ".h", ".py", ".sh", ".bzl", ".js", ".mjs", ".proto")
CPP = (".cc", ".h")
PRODUCT = ("eventlog-svc/", "gateway-svc/", "producers/")
TOP_FOLDERS = {"proto", "eventlog-svc", "gateway-svc", "producers", "tests", "bazel"}

# pattern, why it is banned, path prefixes where it is allowed
BANNED_CPP = [
    (r"\bsleep_for\b|\bsleep_until\b|\bSleepFor\b|\busleep\s*\(|\bnanosleep\s*\(", "a sleep hides a race: wait for the condition", ()),
    (r"\bset_buffer_hint\b", "as the first write of a server stream it hangs the call for ever", ()),
    (r"\bstd::(recursive_|shared_|timed_)?mutex\b|\bstd::condition_variable\b", "use absl::Mutex, which is annotated", ()),
    (r"\.detach\(\)", "every thread is owned and joined", ()),
    (r"\busing namespace\b", "name what you use", ()),
    (r"#pragma once", "guards are the path", ()),
    (r"\bstd::cout\b|\bprintf\s*\(", "standard output belongs to ready lines and results",
     ("tests/", "producers/", "eventlog-svc/main.cc", "gateway-svc/main.cc")),
    (r"\brand\s*\(|\bsrand\s*\(", "use absl::BitGen or a seeded engine", ()),
    (r"\bstrcpy\s*\(|\bsprintf\s*\(|\bgets\s*\(", "unbounded", ()),
    (r"\bGTEST_SKIP\b|\bDISABLED_", "a test that does not run proves nothing", ()),
    (r"EXPECT_TRUE\(true\)|ASSERT_TRUE\(true\)", "asserts nothing", ()),
]
BANNED_ALL = [
    (r"\bTO" + r"DO\b|\bFIX" + r"ME\b|\bXX" + r"X\b|\bHA" + r"CK\b", "do it, or say it in an issue"),
    (r"(?<![\w.])/wo" + r"rk/|/ro" + r"ot/|/ho" + r"me/", "no path of a machine"),
    (r"deb\.debian" + r"\.org|proxy\.golang" + r"\.org|pypi" + r"\.org|repo1\.maven" + r"|registry\.npmjs", "no package host's name"),
]
BANNED_PYTHON = [
    (r"\btime\.sleep\s*\(", "wait for the condition (tests/support has the one poll)", ("tests/support/",)),
]


def code_of(line):
    """A C++ line without its comment and string literals."""
    return re.sub(r'"(\\.|[^"\\])*"', '""', line).split("//")[0]


def size_findings(path, text):
    if not path.endswith(SOURCE):
        return []
    lines = text.split("\n")
    found = []
    if len(lines) - 1 > LINES_MAX:
        found.append(f"{path}:{len(lines)}: {len(lines) - 1} lines; at most {LINES_MAX}: find the missing noun")
    if not path.endswith((".py", ".sh", ".bzl", ".js", ".mjs")):
        for number, line in enumerate(lines, 1):
            if len(line) > COLUMNS_MAX:
                found.append(f"{path}:{number}: {len(line)} columns; at most {COLUMNS_MAX}")
    return found


def cpp_function_findings(path, text):
    """Counts on clang-format: a body ends at the first '}' that stands as far left as the line that opened it."""
    if not path.endswith(CPP):
        return []
    found, start = [], None
    for number, line in enumerate(text.split("\n"), 1):
        indent = len(line) - len(line.lstrip(" "))
        if start is not None:
            if line.startswith("}", indent) and indent == start[1]:
                if number - start[0] + 1 > FUNCTION_LINES_MAX:
                    found.append(f"{path}:{start[0]}: a function of {number - start[0] + 1} lines; at most {FUNCTION_LINES_MAX}")
                start = None
        elif indent in (0, 2) and line.endswith("{"):
            if not re.match(r"\s*(inline )?(namespace|class|struct|enum|union|extern|template)\b", line) and "(" in text:
                if not re.search(r"=\s*\{$", line):
                    start = (number, indent)
    return found


def python_function_findings(path, text):
    if not path.endswith(".py"):
        return []
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = node.end_lineno - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                found.append(f"{path}:{node.lineno}: a function of {lines} lines; at most {FUNCTION_LINES_MAX}")
    return found


def banned_findings(path, text):
    if not path.endswith(SOURCE):
        return []
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        for pattern, why in BANNED_ALL:
            if re.search(pattern, line):
                found.append(f"{path}:{number}: banned: {why}")
        rules = BANNED_CPP if path.endswith(CPP) else BANNED_PYTHON if path.endswith(".py") else []
        code = code_of(line) if path.endswith(CPP) else line.split("#")[0]
        for pattern, why, allowed in rules:
            if re.search(pattern, code) and not path.startswith(allowed or ("\0",)):
                found.append(f"{path}:{number}: banned: {why}")
    return found


def guard_findings(path, text):
    if not path.endswith(".h"):
        return []
    guard = re.sub(r"[^A-Za-z0-9]", "_", path).upper() + "_"
    if f"#ifndef {guard}\n#define {guard}\n" not in text:
        return [f"{path}:1: the guard is not the path: {guard}"]
    return []


def mirror_findings(paths):
    """Every .cc of the product has its test in the same place below tests/."""
    known = set(paths)
    found = []
    for path in paths:
        if path.startswith(PRODUCT) and path.endswith(".cc") and os.path.basename(path) != "main.cc":
            test = "tests/" + path[:-len(".cc")] + "_test.cc"
            if test not in known:
                found.append(f"{path}:1: no mirrored test; expected {test}")
    return found


def layout_findings(paths):
    found = []
    for path in paths:
        parts = path.split("/")
        if len(parts) > 1 and not parts[0].startswith(".") and parts[0] not in TOP_FOLDERS:
            found.append(f"{path}:1: a top-level folder that no issue names: {parts[0]}")
        if {"common", "utils", "util", "misc", "helpers"} & set(parts[:-1]):
            found.append(f"{path}:1: a folder without a meaning: name what it is for")
    return found


def proto_comment_findings(path, text):
    """Every message, enum, service, rpc, field and value has a comment above it."""
    if not path.endswith(".proto"):
        return []
    found, previous = [], ""
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        item = re.match(r"(message|enum|service|rpc|oneof)\b|[\w.<>, ]+ \w+ = \d+", stripped)
        if item and not stripped.startswith(("//", "syntax", "package", "import", "option", "reserved")):
            if not previous.startswith("//"):
                found.append(f"{path}:{number}: no comment above: {stripped}")
        previous = stripped
    return found


PER_FILE = (size_findings, cpp_function_findings, python_function_findings, banned_findings, guard_findings,
            proto_comment_findings)
PER_TREE = (mirror_findings, layout_findings)
