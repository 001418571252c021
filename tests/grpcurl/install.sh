#!/bin/bash
# Builds the grpcurl that go.mod names from source; go.sum pins every byte of it. Works with the Go of Debian 12 (1.19) and
# later ones. Idempotent. Says "skipped: needs X" where Go or its modules cannot be had; a checksum that does not match fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. ./place.sh

if [ -x "$grpcurl" ]; then
  echo "grpcurl is there: $("$grpcurl" --version 2>&1)"
  exit 0
fi

if ! command -v go >/dev/null; then
  root=()
  [ "$(id -u)" -eq 0 ] || root=(sudo)
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends golang-go || true
fi
if ! command -v go >/dev/null; then
  echo "skipped: needs go"
  exit 0
fi

export GOTOOLCHAIN=local GOFLAGS=-mod=readonly CGO_ENABLED=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! go mod download 2>&1 | tee "$log"; then
  if grep -qiE 'checksum|security error' "$log"; then
    echo "grpcurl: what came is not what go.sum names" >&2
    exit 1
  fi
  echo "skipped: needs the Go modules of grpcurl"
  exit 0
fi
mkdir -p "$grpcurl_folder"
go build -trimpath -o "$grpcurl.new" github.com/fullstorydev/grpcurl/cmd/grpcurl
mv "$grpcurl.new" "$grpcurl"
echo "grpcurl is installed: $("$grpcurl" --version 2>&1)"
