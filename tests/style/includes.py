"""What is included must be what the target's own `deps` name. Bazel's sandbox refuses a header that no dependency
brings, and clang's layering_check one that only a dependency's dependency brings; but that looks at .cc files alone."""

import ast
import os
import re

_INCLUDE = re.compile(r'^#include ["<]([^">]+)[">]', re.MULTILINE)
_SOURCES = ("srcs", "hdrs", "textual_hdrs")
_GENERATED = {"cc_proto_library": [".pb.h"], "cc_grpc_library": [".pb.h", ".grpc.pb.h"]}

# What the system's headers begin with, and the targets of bazel/system_deps.bzl that may bring them.
_SYSTEM = {
    "absl/flags/": ["absl_flags"], "absl/": ["absl"], "boost/json": ["boost_json"], "boost/": ["asio"],
    "glog/": ["glog"], "gmock/": ["gtest", "gtest_main"], "google/protobuf/": ["protobuf"], "grpc/": ["grpc"],
    "grpcpp/": ["grpc"], "gtest/": ["gtest", "gtest_main"], "httplib.h": ["httplib"], "isa-l": ["isal"],
    "openssl/": ["openssl"], "prometheus/": ["prometheus"], "sqlite3.h": ["sqlite"], "zlib.h": ["zlib"],
}
_GIVEN = {"cc_test": ["@system//:gtest_main"]}  # by bazel/defs.bzl
# Files that include what no dependency brings, each with its reason.
UNDECLARED = {"bazel/tsan/grpc_queues.cc": "names a type of gRPC, and is linked where there is no gRPC, too"}


class _Build:
    """The targets of one BUILD file; read as Python, whose syntax it shares."""

    def __init__(self, path, text):
        self.package = os.path.dirname(path)
        tree = ast.parse(text)
        self._constants = {node.targets[0].id: node.value for node in tree.body
                           if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)}
        self.targets = []  # (rule, label, {attribute: all strings in its value})
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                words = {word.arg: self._strings(word.value) for word in node.keywords}
                if words.get("name"):
                    self.targets.append((node.func.id, f"//{self.package}:{words['name'][0]}", words))

    def _strings(self, value):
        found = []
        for node in ast.walk(value):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
            elif isinstance(node, ast.Name) and node.id in self._constants:
                found += self._strings(self._constants[node.id])
        return found

    def file(self, name):
        return os.path.normpath(os.path.join(self.package, name))

    def label(self, name):
        """A dependency in full."""
        if name.startswith(":"):
            return f"//{self.package}{name}"
        return name if ":" in name else f"{name}:{name.rpartition('/')[2]}"


def _owners(builds):
    """The targets that each header of the tree belongs to."""
    owners = {}
    for build in builds:
        for rule, label, words in build.targets:
            for header in words.get("hdrs", []) + words.get("textual_hdrs", []):
                owners.setdefault(build.file(header), []).append(label)
            for ending in _GENERATED.get(rule, []):
                for proto in words.get("srcs", []):
                    owners.setdefault(os.path.splitext(build.file(proto))[0] + ending, []).append(label)
    return owners


def _system_owners(header):
    targets = next((targets for start, targets in _SYSTEM.items() if header.startswith(start)), [])
    return [f"@system//:{target}" for target in targets]


def undeclared_findings(tree):
    """Every header that a target's files include belongs to this target or to one of its `deps`."""
    builds = [_Build(path, text) for path, text in tree.items() if os.path.basename(path) == "BUILD"]
    owners, found = _owners(builds), []
    for build in builds:
        for rule, label, words in build.targets:
            allowed = {label, *(build.label(name) for name in words.get("deps", []) + _GIVEN.get(rule, []))}
            for path in (build.file(name) for attribute in _SOURCES for name in words.get(attribute, [])):
                for header in _INCLUDE.findall(tree.get(path, "")) if path not in UNDECLARED else ():
                    bring = owners.get(header) or _system_owners(header)
                    if bring and not allowed.intersection(bring):
                        found.append(f"{path}:1: includes {header} of {bring[0]}, which the deps of {label} do not "
                                     "name")
    return found
