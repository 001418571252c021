"""The house rules of C++ targets: warnings are errors, dependencies are declared, one target per header."""

_COPTS = [
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wno-unused-parameter",
    "-Wnon-virtual-dtor",
]

_FEATURES = ["layering_check"]

# Every program of --config=tsan tells the sanitizer about the locks of the system's Abseil.
_PROGRAM_DEPS = select({
    "//bazel/tsan:enabled": ["//bazel/tsan:absl_mutex"],
    "//conditions:default": [],
})

def cc_library(name, copts = [], **kwargs):
    native.cc_library(name = name, copts = _COPTS + copts, features = _FEATURES, **kwargs)

def cc_binary(name, copts = [], deps = [], **kwargs):
    native.cc_binary(name = name, copts = _COPTS + copts, features = _FEATURES, deps = deps + _PROGRAM_DEPS, **kwargs)

def cc_test(name, copts = [], deps = [], size = "small", **kwargs):
    native.cc_test(
        name = name,
        copts = _COPTS + copts,
        features = _FEATURES,
        size = size,
        deps = deps + ["@system//:gtest_main"] + _PROGRAM_DEPS,
        **kwargs
    )

def python_test(name, src, args = [], data = [], size = "medium", tags = [], **kwargs):
    """A test program in Python, run by the system's interpreter (its first line says #!/usr/bin/python3).

    It looks at real processes from outside; the tag keeps it out of the sanitizers' runs, which are for C++ tests.
    """
    native.sh_test(
        name = name,
        size = size,
        srcs = [src],
        args = args,
        data = data,
        tags = tags + ["processes"],
        **kwargs
    )

def node_test(name, src, size = "small", tags = [], **kwargs):
    """A test program for Debian's Node (its first line says #!/usr/bin/env node). The tag is as in python_test."""
    native.sh_test(name = name, size = size, srcs = [src], tags = tags + ["processes"], **kwargs)

def cc_fuzz_target(name, src, deps, mutations = 200, **kwargs):
    """A fuzz target, LLVMFuzzerTestOneInput in `src`, with its corpus in corpus/NAME.

    NAME_test runs it over the corpus and over `mutations` seeded changes of each file, with any compiler. NAME is the
    fuzzer with --config=fuzz, and the same test program without.
    """
    native.filegroup(name = name + "_corpus", srcs = native.glob(["corpus/" + name + "/*"]))
    cc_library(name = name + "_target", testonly = True, srcs = [src], deps = deps, alwayslink = True)
    cc_binary(
        name = name,
        testonly = True,
        linkopts = select({
            "//bazel/fuzz:enabled": ["-fsanitize=fuzzer"],
            "//conditions:default": [],
        }),
        tags = ["manual"],
        deps = [":" + name + "_target"] + select({
            "//bazel/fuzz:enabled": [],
            "//conditions:default": [":corpus_driver", "@system//:gtest_main"],
        }),
    )
    cc_test(
        name = name + "_test",
        data = [":" + name + "_corpus"],
        env = {
            "FUZZ_CORPUS": native.package_name() + "/corpus/" + name,
            "FUZZ_MUTATIONS": str(mutations),
        },
        deps = [":" + name + "_target", ":corpus_driver"],
        **kwargs
    )
