"""The Debian packages that the code links, as targets of one repository, @system.

Flags come from pkg-config where the package has an entry, and are spelled out where it has none.
"""

load("//bazel:pkg_config.bzl", "pkg_config")

# target name: pkg-config packages.
_PKG_CONFIG = {
    "absl": [
        "absl_base",
        "absl_cleanup",
        "absl_fixed_array",
        "absl_flat_hash_map",
        "absl_flat_hash_set",
        "absl_btree",
        "absl_inlined_vector",
        "absl_random_random",
        "absl_span",
        "absl_status",
        "absl_statusor",
        "absl_str_format",
        "absl_strings",
        "absl_synchronization",
        "absl_time",
    ],
    "absl_flags": [
        "absl_flags",
        "absl_flags_parse",
        "absl_flags_usage",
    ],
    "glog": ["libglog"],
    "grpc": ["grpc++"],
    "gtest": ["gmock"],
    "gtest_main": ["gmock_main"],
    "httplib": ["cpp-httplib"],
    "isal": ["libisal"],
    "openssl": ["openssl"],
    "prometheus": ["prometheus-cpp-core"],
    "protobuf": ["protobuf"],
    "sqlite": ["sqlite3"],
    "zlib": ["zlib"],
}

# target name: struct(defines, linkopts).
_SPELLED_OUT = {
    "asio": struct(
        defines = ["BOOST_ASIO_NO_DEPRECATED", "BOOST_ERROR_CODE_HEADER_ONLY", "BOOST_ASIO_NO_TS_EXECUTORS"],
        linkopts = ["-lpthread"],
    ),
    "boost_json": struct(defines = [], linkopts = ["-lboost_json"]),
    "grpc_reflection": struct(
        defines = [],
        linkopts = ["-Wl,--no-as-needed", "-lgrpc++_reflection", "-Wl,--as-needed"],
    ),
    "grpc_channelz": struct(defines = [], linkopts = ["-lgrpcpp_channelz"]),
}

def _target(name, defines, linkopts):
    return "cc_library(name = {}, defines = {}, linkopts = {})\n".format(repr(name), repr(defines), repr(linkopts))

def _system_deps_impl(repository_ctx):
    build = 'package(default_visibility = ["//visibility:public"])\n\n'
    for name, packages in _PKG_CONFIG.items():
        defines, linkopts = [], []
        for package in packages:
            flags = pkg_config(repository_ctx, package)
            defines += [d for d in flags.defines if d not in defines]
            linkopts += [l for l in flags.linkopts if l not in linkopts]
        build += _target(name, defines, linkopts)
    for name, flags in _SPELLED_OUT.items():
        build += _target(name, flags.defines, flags.linkopts)
    repository_ctx.file("BUILD", build)
    repository_ctx.file("WORKSPACE", "workspace(name = \"system\")\n")

system_deps = repository_rule(
    implementation = _system_deps_impl,
    doc = "One repository with a cc_library for each system package.",
    local = True,
)
