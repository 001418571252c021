"""The house rules of the source tree, each a function from a file, or from the whole tree, to the findings in it.

A finding is a string "PATH:LINE: what is wrong; what would be right". CONTRIBUTING.md lists the rules for people.
"""

import ast
import os
import re

import build_targets
import cpp_functions
import includes

LINES_MAX = 400
COLUMNS_MAX = 120
FUNCTION_LINES_MAX = 70

SOURCE = (".cc", ".h", ".py", ".sh", ".bzl", ".js", ".mjs", ".proto", ".ci/run")
CPP = (".cc", ".h")
SHELL = (".sh", ".ci/run")
PRODUCT = ("eventlog-svc/", "gateway-svc/", "producers/")
TOP_FOLDERS = {"proto", "eventlog-svc", "gateway-svc", "producers", "tests", "bazel"}
# Tests that look at the service through gRPC alone.
BLACK_BOX = ("tests/conformance/", "tests/crash/")
NOT_OURS = {"LICENSE"}

_WAIT = "a sleep hides a race: wait for the condition"
_SKIP = "a test that does not run proves nothing"
_POLL = "wait for the condition (tests/support has the one poll)"

# pattern, why it is banned, path prefixes where it is allowed
BANNED_CPP = [
    (r"\bsleep_for\b|\bsleep_until\b|\bSleepFor\b|\b(u|nano|clock_nano)?sleep\s*\(", _WAIT, ()),
    (r"\bp?poll\s*\(\s*(nullptr|NULL|0|\{\})\s*,|\bselect\s*\(\s*0\s*,", _WAIT, ()),
    (r"\bset_buffer_hint\b", "as the first write of a server stream it hangs the call for ever", ()),
    (r"\bstd::(recursive_|timed_|shared_)*mutex\b|\bstd::condition_variable(_any)?\b",
     "use absl::Mutex, which is annotated", ()),
    (r"(\.|->)\s*detach\s*\(", "every thread is owned and joined", ()),
    (r"\busing namespace\b", "name what you use", ()),
    (r"#pragma once", "guards are the path", ()),
    (r"\bstd::cout\b|\bprintf\s*\(", "standard output belongs to ready lines and results",
     ("tests/", "producers/", "eventlog-svc/main.cc", "eventlog-svc/tool/main.cc", "gateway-svc/main.cc")),
    (r"\brand\s*\(|\bsrand\s*\(", "use absl::BitGen or a seeded engine", ()),
    (r"\bstrcpy\s*\(|\bsprintf\s*\(|\bgets\s*\(", "unbounded", ()),
    (r"\bGTEST_SKIP\b|\bDISABLED_", _SKIP, ()),
    (r"EXPECT_TRUE\(true\)|ASSERT_TRUE\(true\)", "asserts nothing", ()),
]
BANNED_PYTHON = [
    (r"\btime\.sl" + r"eep\b|\basyncio\.sl" + r"eep\b|\bfrom (time|asyncio) import\b.*\bsl" + r"eep\b", _POLL,
     ("tests/support/",)),
    (r"@(unittest\.)?sk" + r"ip|\bsk" + r"ipTest\b|\bSk" + r"ipTest\b", _SKIP, ()),
]
# Also where another language starts a shell.
BANNED_SHELL = [
    (r"(?<![\w.-])sl" + r"eep\s+[\d.$\"']", _WAIT, ()),
]
# In every text file, whatever its language.
BANNED_ALL = [
    (r"\bTO" + r"DO\b|\bFIX" + r"ME\b|\bXX" + r"X\b|\bHA" + r"CK\b", "do it, or say it in an issue", ()),
    (r"(?<![\w.])/wo" + r"rk/|/ro" + r"ot/|/ho" + r"me/", "no path of a machine", ()),
    (r"deb\.debian" + r"\.org|proxy\.golang" + r"\.org|pypi" + r"\.org|repo1\.maven" + r"|registry\.npmjs",
     "no package host's name", ()),
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
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS_MAX:
            found.append(f"{path}:{number}: {len(line)} columns; at most {COLUMNS_MAX}")
    return found


def cpp_function_findings(path, text):
    if not path.endswith(CPP):
        return []
    try:
        spans = cpp_functions.functions(text)
    except cpp_functions.UnmatchedBraces as where:
        return [f"{path}:1: braces do not match at {where}"]
    return [f"{path}:{first}: a function of {last - first + 1} lines; at most {FUNCTION_LINES_MAX}"
            for first, last in spans if last - first + 1 > FUNCTION_LINES_MAX]


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
    if path in NOT_OURS:
        return []
    rules = []
    if path.endswith(CPP):
        rules = BANNED_CPP
    elif path.endswith(".py"):
        rules = BANNED_PYTHON + BANNED_SHELL
    elif path.endswith(SHELL + (".bzl", "BUILD", ".js")):
        rules = BANNED_SHELL
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        code = code_of(line) if path.endswith(CPP) else line.split("#")[0]
        for searched, patterns in ((line, BANNED_ALL), (code, rules)):
            for pattern, why, allowed in patterns:
                if re.search(pattern, searched) and not path.startswith(allowed or ("\0",)):
                    found.append(f"{path}:{number}: banned: {why}")
    return found


def guard_findings(path, text):
    if not path.endswith(".h"):
        return []
    guard = re.sub(r"[^A-Za-z0-9]", "_", path).upper() + "_"
    if f"#ifndef {guard}\n#define {guard}\n" not in text:
        return [f"{path}:1: the guard is not the path: {guard}"]
    return []


def mirror_findings(tree):
    return build_targets.mirror_findings(tree, PRODUCT)


def reason_findings(tree):
    """Every reason that the service can give, or that a .proto file names, is one that clients were seen to get."""
    made, named = {}, re.compile(r"\breason ([A-Z]+(?:_[A-Z]+)*)\b")
    given = re.compile(r'\b(?:Error\(\s*absl::StatusCode::k\w+,|InvalidField\()\s*"([A-Z_]+)"')
    for path, text in tree.items():
        if path.startswith("eventlog-svc/") and path.endswith(CPP):
            made.update(dict.fromkeys(given.findall(text), path))
        elif path.startswith("proto/eventlog/v1/") and path.endswith(".proto"):
            made.update(dict.fromkeys(named.findall(re.sub(r"\n\s*//", "", text)), path))
    seen = "".join(text for path, text in tree.items() if path.startswith(BLACK_BOX))
    return [f"{path}:1: no test of {' or '.join(BLACK_BOX)} gets the reason {reason}"
            for reason, path in sorted(made.items()) if f'"{reason}"' not in seen]


def layout_findings(tree):
    found = []
    for path in tree:
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
PER_TREE = (mirror_findings, build_targets.header_findings, includes.undeclared_findings, layout_findings,
            reason_findings)
