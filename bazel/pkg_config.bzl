"""Asks pkg-config for the flags of a system package."""

def pkg_config(repository_ctx, package):
    """Returns a struct of copts, defines and linkopts for the pkg-config package, or fails with what to do.

    Args:
      repository_ctx: the repository context.
      package: the pkg-config name.
    """
    tool = repository_ctx.which("pkg-config")
    if not tool:
        fail("pkg-config is not installed: run bazel/setup.sh")
    result = repository_ctx.execute([tool, "--cflags", "--libs", package])
    if result.return_code != 0:
        fail("the system package {} is missing: run bazel/setup.sh\n{}".format(package, result.stderr))
    defines, linkopts = [], []
    for flag in result.stdout.split(" "):
        flag = flag.strip()
        if flag.startswith("-D"):
            defines.append(flag[2:])
        elif flag.startswith("-l") and flag not in linkopts:
            linkopts.append(flag)
    return struct(defines = defines, linkopts = linkopts)
