"""Finds the programs that Bazel built for //:up."""

import os
import sys


def find(path):
    """The file at a path from the workspace root, wherever Bazel put it for this run."""
    roots = [os.path.abspath(sys.argv[0]) + ".runfiles"]
    roots += [os.environ[name] for name in ("RUNFILES_DIR", "TEST_SRCDIR") if os.environ.get(name)]
    for root in roots:
        candidate = os.path.join(root, "eventlog", path)
        if os.path.exists(candidate):
            return candidate
    raise FileNotFoundError(f"{path} is not built; start this with: bazel run //:up")


def for_people(path):
    """The same program as a path to type from the workspace root, where the usual link leads to it."""
    linked = os.path.join("bazel-bin", path)
    workspace = os.environ.get("BUILD_WORKSPACE_DIRECTORY", "")
    if workspace and os.path.exists(os.path.join(workspace, linked)):
        return linked
    return os.path.realpath(find(path))
