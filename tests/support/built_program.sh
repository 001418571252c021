# Sourced by scripts that run a test outside of Bazel against programs of the source tree.

# built_program VARIABLE TARGET PATH: exports VARIABLE, the path of a program: as it is where it is set; else Bazel
# builds TARGET, which is PATH in its output.
built_program() {
  if [ -z "${!1:-}" ]; then
    bazel build --noshow_progress "$2"
    printf -v "$1" '%s' "$(bazel info bazel-bin 2>/dev/null)/$3"
  fi
  export "${1?}"
}

# test_folder: exports TEST_TMPDIR, which goes when the script ends.
test_folder() {
  TEST_TMPDIR=$(mktemp -d)
  export TEST_TMPDIR
  trap 'rm -rf "$TEST_TMPDIR"' EXIT
}
