#!/bin/bash
# Builds the grpcurl that go.mod names from source; go.sum pins every byte of it. Works with the Go of Debian 12 (1.19)
# and later ones. Idempotent. Says "skipped: needs X" where Go or its modules cannot be had, because there is no network
# or no right to install; every other failure is one, above all that of a checksum.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. ./place.sh
. ../support/go_modules.sh

if [ -x "$grpcurl" ]; then
  echo "grpcurl is there: $grpcurl"
  exit 0
fi
go_modules grpcurl "the Go modules of grpcurl"
mkdir -p "$grpcurl_folder"
go build -trimpath -o "$grpcurl.new" github.com/fullstorydev/grpcurl/cmd/grpcurl
mv "$grpcurl.new" "$grpcurl"
echo "grpcurl is installed: $grpcurl"
