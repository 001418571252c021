#!/bin/bash
# Builds the grpcurl that go.mod names from source; go.sum pins every byte of it. Works with the Go of Debian 12 (1.19)
# and later ones. Idempotent. Says "skipped: needs X" where Go or its modules cannot be had, because there is no network
# or no right to install; every other failure is one, above all that of a checksum.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. ./place.sh

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# skip_without_network WHAT: after a failed command whose output is in $log.
skip_without_network() {
  if grep -qiE 'checksum|security error|go\.sum|parsing go\.mod|errors parsing' "$log"; then return; fi
  # apt's words, then Go's.
  if grep -qE 'Temporary failure resolving|Could not (resolve|connect)|Unable to connect|is unreachable' "$log" ||
    grep -qE 'dial tcp|no such host|i/o timeout|proxyconnect|TLS handshake timeout|disabled by GOPROXY' "$log" ||
    grep -qE 'requires go ?>= ?[0-9.]+ \(running go|toolchain not available' "$log"; then
    echo "skipped: needs $1"
    exit 0
  fi
}

if [ -x "$grpcurl" ]; then
  echo "grpcurl is there: $grpcurl"
  exit 0
fi

if ! command -v go >/dev/null; then
  root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "skipped: needs go, and root or sudo to install it"; exit 0; }
    root=(sudo)
  fi
  if ! "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
    sh -c 'apt-get update -q && apt-get install -y -q --no-install-recommends golang-go' 2>&1 | tee "$log"; then
    skip_without_network go
    echo "grpcurl: apt-get cannot install golang-go" >&2
    exit 1
  fi
fi

export GOTOOLCHAIN=local GOFLAGS=-mod=readonly CGO_ENABLED=0
if ! go mod download 2>&1 | tee "$log"; then
  skip_without_network "the Go modules of grpcurl"
  echo "grpcurl: its modules cannot be had as go.mod and go.sum name them" >&2
  exit 1
fi
mkdir -p "$grpcurl_folder"
go build -trimpath -o "$grpcurl.new" github.com/fullstorydev/grpcurl/cmd/grpcurl
mv "$grpcurl.new" "$grpcurl"
echo "grpcurl is installed: $grpcurl"
