#!/bin/bash
# The same two libraries of Go against the gateway's codec alone: every size, fragments, deflate, an inflate bomb.
# WS_ECHO names an echo server that is built already; else Bazel builds it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. ../../../support/go_modules.sh

go_modules "the Go clients" "the WebSocket libraries in Go"
if [ -z "${WS_ECHO:-}" ]; then
  bazel build --noshow_progress //tests/support:ws_echo
  WS_ECHO=$(bazel info bazel-bin 2>/dev/null)/tests/support/ws_echo
fi
export WS_ECHO
go test -count=1 -v ./...
