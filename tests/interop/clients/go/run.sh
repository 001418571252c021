#!/bin/bash
# The same two libraries of Go against the gateway's codec alone: every size, fragments, deflate, an inflate bomb.
# WS_ECHO names an echo server that is built already; else Bazel builds it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. ../../../support/go_modules.sh
. ../../../support/built_program.sh

go_modules "the Go clients" "the WebSocket libraries in Go"
built_program WS_ECHO //tests/support:ws_echo tests/support/ws_echo
go test -count=1 -v ./...
