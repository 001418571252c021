"""What BUILD files must say about headers and tests; read as Python, whose syntax they share."""

import ast
import os
import re

_TEST_CASE = re.compile(r"^\s*(TYPED_)?TEST(_[FP])?\(|\bINSTANTIATE_TEST_SUITE_P\(", re.MULTILINE)

# Headers that no target of their own declares, each with its reason.
HEADERS_WITHOUT_TARGET = {}
# Targets with more than one header, each with its reason.
TARGETS_WITH_HEADERS = {}


def _targets(path, text):
    """(line, rule, {attribute: value}) of each rule in a BUILD file; a value that is not a literal is None."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.lineno, node.func.id, {word.arg: _literal(word.value) for word in node.keywords}


def _literal(node):
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def _builds(tree):
    return {path: text for path, text in tree.items() if os.path.basename(path) == "BUILD"}


def _in_package(build, name):
    return os.path.normpath(os.path.join(os.path.dirname(build), name))


def header_findings(tree):
    """One target for each header, and one header for each target."""
    found, declared = [], {}
    for build, text in _builds(tree).items():
        for line, rule, attributes in _targets(build, text):
            if "hdrs" not in attributes:
                continue
            place = f"{build}:{line}"
            if attributes["hdrs"] is None:
                found.append(f"{place}: hdrs is not a plain list; right is one header")
                continue
            target = f"//{os.path.dirname(build)}:{attributes.get('name')}"
            if len(attributes["hdrs"]) > 1 and target not in TARGETS_WITH_HEADERS:
                found.append(f"{place}: {target} has {len(attributes['hdrs'])} headers; right is one")
            for header in attributes["hdrs"]:
                declared.setdefault(_in_package(build, header), []).append(target)
    for path in tree:
        if path.endswith(".h") and len(declared.get(path, [])) != 1 and path not in HEADERS_WITHOUT_TARGET:
            found.append(f"{path}:1: is in the hdrs of {declared.get(path, 'no target')}; right is exactly one")
    return found


def mirror_findings(tree, product):
    """Every .cc of the product has its test in the same place below tests/, which a BUILD file runs and which tests."""
    run = set()
    for build, text in _builds(tree).items():
        for _, rule, attributes in _targets(build, text):
            if rule == "cc_test":
                run.update(_in_package(build, source) for source in attributes.get("srcs") or [])
    found = []
    for path in tree:
        if not path.startswith(product) or not path.endswith(".cc") or os.path.basename(path) == "main.cc":
            continue
        test = "tests/" + path[:-len(".cc")] + "_test.cc"
        if test not in tree:
            found.append(f"{path}:1: no mirrored test; expected {test}")
        elif test not in run:
            found.append(f"{test}:1: no cc_test has it in its srcs: it never runs")
        elif not _TEST_CASE.search(tree[test]):
            found.append(f"{test}:1: has no TEST")
    return found
