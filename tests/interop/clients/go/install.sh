#!/bin/bash
# Builds the WebSocket clients in Go; go.mod and go.sum pin every byte of their libraries. Works with the Go of Debian
# 12 (1.19) and later ones. Idempotent. Says "skipped: needs X" where Go or the libraries cannot be had, because there
# is no network or no right to install; every other failure is one, above all that of a checksum.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. ./place.sh
. ../../../support/go_modules.sh

if [ -x "$go_client" ]; then
  echo "the Go clients are there: $go_client"
  exit 0
fi
go_modules "the Go clients" "the WebSocket libraries in Go"
mkdir -p "$(dirname "$go_client")"
go build -trimpath -o "$go_client.new" .
mv "$go_client.new" "$go_client"
echo "the Go clients are installed: $go_client"
