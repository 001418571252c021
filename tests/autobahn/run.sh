#!/bin/bash
# All Autobahn cases against the gateway's WebSocket codec, through tests/support/ws_echo: about five minutes. Needs
# tests/autobahn/install.sh to have run. WS_ECHO names an echo server that is built already; else Bazel builds it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. ./place.sh

if [ ! -x "$kosoku_python" ]; then
  echo "skipped: needs kosoku"
  exit 0
fi
if [ -z "${WS_ECHO:-}" ]; then
  bazel build --noshow_progress //tests/support:ws_echo
  WS_ECHO=$(bazel info bazel-bin 2>/dev/null)/tests/support/ws_echo
fi
export WS_ECHO
TEST_TMPDIR=$(mktemp -d)
export TEST_TMPDIR
trap 'rm -rf "$TEST_TMPDIR"' EXIT
# Its cases leave files open, which they may.
PYTHONDONTWRITEBYTECODE=1 "$kosoku_python" -W ignore::ResourceWarning autobahn_test.py -v
