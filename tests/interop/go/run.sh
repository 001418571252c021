#!/bin/bash
# Go's WebSocket clients, which go.mod pins and go.sum checks, against the gateway's codec. Needs Go, which
# tests/grpcurl/install.sh installs. WS_ECHO names an echo server that is built already; else Bazel builds it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

log=$(mktemp)
trap 'rm -f "$log"' EXIT

if ! command -v go >/dev/null; then
  echo "skipped: needs go"
  exit 0
fi
export GOTOOLCHAIN=local GOFLAGS=-mod=readonly CGO_ENABLED=0
if ! go mod download 2>&1 | tee "$log"; then
  if ! grep -qiE 'checksum|security error|go\.sum|parsing go\.mod|errors parsing' "$log" &&
    grep -qE 'dial tcp|no such host|i/o timeout|proxyconnect|TLS handshake timeout|disabled by GOPROXY' "$log"; then
    echo "skipped: needs the Go modules of its clients"
    exit 0
  fi
  echo "interop/go: its modules cannot be had as go.mod and go.sum name them" >&2
  exit 1
fi
if [ -z "${WS_ECHO:-}" ]; then
  bazel build --noshow_progress //tests/support:ws_echo
  WS_ECHO=$(bazel info bazel-bin 2>/dev/null)/tests/support/ws_echo
fi
export WS_ECHO
go test -count=1 -v ./...
