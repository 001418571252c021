"""What is included must be what the target's own `deps` name. Bazel's sandbox refuses a header that no dependency
brings, and clang's layering_check one that only a dependency's dependency brings; but that looks at .cc files alone."""

import ast
import itertools
import os
import re

_INCLUDE = re.compile(r'^#include ["<]([^">]+)[">]', re.MULTILINE)
_SOURCES = ("srcs", "src", "hdrs", "textual_hdrs")
_GENERATED = {"cc_proto_library": [".pb.h"], "cc_grpc_library": [".pb.h", ".grpc.pb.h"]}
# What the system's headers begin with, and the targets of bazel/system_deps.bzl that may bring them.
_SYSTEM = {
    "absl/flags/": ["absl_flags"], "absl/": ["absl"], "boost/json": ["boost_json"], "boost/": ["asio"],
    "glog/": ["glog"], "gmock/": ["gtest", "gtest_main"], "google/protobuf/": ["protobuf"],
    "grpc/": ["grpc"], "grpcpp/ext/proto_server_reflection": ["grpc_reflection"],
    "grpcpp/ext/channelz": ["grpc_channelz"], "grpcpp/": ["grpc"], "gtest/": ["gtest", "gtest_main"],
    "httplib.h": ["httplib"], "isa-l": ["isal"], "openssl/": ["openssl"], "prometheus/": ["prometheus"],
    "sqlite3.h": ["sqlite"], "zlib.h": ["zlib"],
}
# Those of the compiler and the C library, which need no target.
_GIVEN_HEADER = re.compile(
    r"[a-z_0-9]+$|(arpa|linux|netinet|sanitizer|sys)/|(dirent|dlfcn|errno|fcntl|limits|malloc|netdb|poll|pthread|pty|"
    r"pwd|sched|signal|spawn|stdlib|string|termios|time|unistd)\.h$")
_GIVEN_DEPS = {"cc_test": ["@system//:gtest_main"]}  # by bazel/defs.bzl
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
        for node in tree.body:
            if isinstance(node, ast.Expr):
                self._add(node.value, {})

    def _add(self, node, names):
        if isinstance(node, ast.ListComp):
            for bound in itertools.product(*(self._bindings(one) for one in node.generators)):
                self._add(node.elt, {**names, **{name: value for one in bound for name, value in one.items()}})
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            words = {word.arg: self._strings(word.value, names) for word in node.keywords}
            if words.get("name"):
                self.targets.append((node.func.id, f"//{self.package}:{words['name'][0]}", words))

    def _bindings(self, generator):
        """What one `for` of a comprehension gives its names, round by round."""
        rounds, of_dictionary = generator.iter, False
        if isinstance(rounds, ast.Call) and rounds.func.attr == "items":
            rounds, of_dictionary = rounds.func.value, True
        if isinstance(rounds, ast.Name):
            rounds = self._constants[rounds.id]
        if of_dictionary:
            each = zip(rounds.keys, rounds.values)
        elif isinstance(rounds, ast.Dict):
            each = rounds.keys
        elif isinstance(generator.target, ast.Tuple):
            each = (one.elts for one in rounds.elts)
        else:
            each = rounds.elts
        for one in each:
            names = generator.target.elts if isinstance(generator.target, ast.Tuple) else [generator.target]
            yield {name.id: value for name, value in zip(names, one if len(names) > 1 else [one])}

    def _text(self, node, names):
        if isinstance(node, ast.Name) and node.id in names:
            return self._text(names[node.id], {})
        if isinstance(node, ast.BinOp):
            left, right = self._text(node.left, names), self._text(node.right, names)
            return None if left is None or right is None else left + right
        return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None

    def _strings(self, node, names):
        text = self._text(node, names)
        if text is not None:
            return [text]
        if isinstance(node, ast.Name):
            value = names.get(node.id) or self._constants.get(node.id)
            return [] if value is None else self._strings(value, {})
        # Of a select the conditions are not meant.
        parts = node.values if isinstance(node, ast.Dict) else ast.iter_child_nodes(node)
        return [text for part in parts for text in self._strings(part, names)]

    def file(self, name):
        return os.path.normpath(os.path.join(self.package, name))

    def label(self, name):
        """A dependency in full."""
        if name.startswith(":"):
            return f"//{self.package}{name}"
        return name if ":" in name else f"{name}:{name.rpartition('/')[2]}"


def _is_source(name):
    return name.endswith((".cc", ".h")) and ":" not in name


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


def _brings(header, owners):
    """The targets that may bring a header."""
    if header in owners:
        return owners[header]
    targets = next((targets for start, targets in _SYSTEM.items() if header.startswith(start)), [])
    return [f"@system//:{target}" for target in targets]


def _file_findings(path, text, label, allowed, owners):
    for header in _INCLUDE.findall(text):
        bring = _brings(header, owners)
        if not bring and not _GIVEN_HEADER.match(header):
            yield f"{path}:1: includes {header}, and no target is known that brings it"
        elif bring and not allowed.intersection(bring):
            yield f"{path}:1: includes {header} of {bring[0]}, which the deps of {label} do not name"


def undeclared_findings(tree):
    """Every header that a target's files include belongs to this target or to one of its `deps`, and every .cc and .h
    file to a target."""
    builds = [_Build(path, text) for path, text in tree.items() if os.path.basename(path) == "BUILD"]
    owners, found, listed = _owners(builds), [], set()
    made = {build.file(name) for build in builds for _, _, words in build.targets for name in words.get("outs", [])}
    for build in builds:
        for rule, label, words in build.targets:
            allowed = {label, *(build.label(name) for name in words.get("deps", []) + _GIVEN_DEPS.get(rule, []))}
            sources = (name for attribute in _SOURCES for name in words.get(attribute, []) if _is_source(name))
            for path in (build.file(name) for name in sources):
                listed.add(path)
                if path not in tree and path not in made:
                    found.append(f"{build.package}/BUILD:1: {label} lists {path}, which is not there")
                elif path not in UNDECLARED:
                    found += _file_findings(path, tree.get(path, ""), label, allowed, owners)
    return found + [f"{path}:1: belongs to no target" for path in tree if _is_source(path) and path not in listed]
