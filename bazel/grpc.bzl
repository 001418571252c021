"""Protobuf and gRPC code with the system's protoc and grpc_cpp_plugin.

Imports in .proto files start at //proto ("eventlog/v1/event.proto"), as they do for every other language;
C++ code includes the generated headers from the workspace root ("proto/eventlog/v1/event.pb.h").
"""

ProtoSourcesInfo = provider(
    doc = "The .proto files that a target needs to be compiled.",
    fields = {"sources": "depset of File"},
)

def _protoc_impl(ctx):
    sources = depset(ctx.files.srcs, transitive = [d[ProtoSourcesInfo].sources for d in ctx.attr.deps])
    suffixes = [".pb.h", ".pb.cc"] + ([".grpc.pb.h", ".grpc.pb.cc"] if ctx.attr.grpc else [])
    outputs = []
    for src in ctx.files.srcs:
        stem = src.short_path[len(ctx.label.package) + 1:-len(".proto")]
        outputs += [ctx.actions.declare_file(stem + suffix) for suffix in suffixes]
    out = "/".join([p for p in [ctx.bin_dir.path, ctx.label.package] if p])
    args = ctx.actions.args()
    args.add("-I" + ctx.label.package)
    args.add("--cpp_out=" + out)
    if ctx.attr.grpc:
        args.add("--plugin=protoc-gen-grpc=/usr/bin/grpc_cpp_plugin")
        args.add("--grpc_out=" + out)
    args.add_all(ctx.files.srcs)
    ctx.actions.run(
        executable = "/usr/bin/protoc",
        arguments = [args],
        inputs = sources,
        outputs = outputs,
        mnemonic = "Protoc",
    )
    headers = [f for f in outputs if f.path.endswith(".h")]
    return [
        DefaultInfo(files = depset([f for f in outputs if f not in headers])),
        OutputGroupInfo(headers = depset(headers)),
        ProtoSourcesInfo(sources = sources),
    ]

_protoc = rule(
    implementation = _protoc_impl,
    attrs = {
        "srcs": attr.label_list(allow_files = [".proto"]),
        "deps": attr.label_list(providers = [ProtoSourcesInfo]),
        "grpc": attr.bool(),
    },
)

def cc_proto_library(name, srcs, deps = [], grpc = False, **kwargs):
    """A C++ library of the messages, and with grpc of the services, in srcs..

    Args:
      name: the library; NAME_protoc is what generates it.
      srcs: .proto files.
      deps: other cc_proto_library targets whose files srcs import.
      grpc: also generate services.
      **kwargs: as for cc_library.
    """
    _protoc(name = name + "_protoc", srcs = srcs, deps = [d + "_protoc" for d in deps], grpc = grpc)
    native.filegroup(name = name + "_headers", srcs = [name + "_protoc"], output_group = "headers")
    native.cc_library(
        name = name,
        srcs = [name + "_protoc"],
        hdrs = [name + "_headers"],
        includes = ["."],
        copts = ["-w"],
        deps = deps + ["@system//:protobuf"] + (["@system//:grpc"] if grpc else []),
        **kwargs
    )

def cc_grpc_library(name, srcs, deps = [], **kwargs):
    """cc_proto_library with services."""
    cc_proto_library(name = name, srcs = srcs, deps = deps, grpc = True, **kwargs)
