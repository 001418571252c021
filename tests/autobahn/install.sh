#!/bin/bash
# Installs the conformance suite that requirements.txt pins by version and checksum, into a folder of its own. Needs
# Debian's python3-venv (installed, with the right to) and the Python package index. Idempotent. Says "skipped: needs X"
# where one of them cannot be had, because there is no network or no right to install; every other failure is one, above
# all that of a checksum.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. ./place.sh
. ../support/installing.sh

log=$(mktemp)
trap 'rm -f "$log"; rm -rf "$kosoku_folder.new"' EXIT

if [ -x "$kosoku_python" ] && "$kosoku_python" -c 'import kosoku' 2>/dev/null; then
  echo "kosoku is there: $kosoku_folder"
  exit 0
fi

/usr/bin/python3 -c 'import ensurepip, venv' 2>/dev/null || install_package autobahn python3-venv python3-venv

# Made elsewhere and moved when it is whole. Nothing in it is called by its path but the Python, which knows its place
# by the link; so it can be moved.
rm -rf "$kosoku_folder.new"
mkdir -p "$(dirname "$kosoku_folder")"
/usr/bin/python3 -m venv "$kosoku_folder.new"
if ! "$kosoku_folder.new/bin/python3" -m pip --disable-pip-version-check install --quiet --no-deps \
  --only-binary :all: --require-hashes -r requirements.txt 2>&1 | tee "$log"; then
  # A checksum that does not match is a failure, whatever else was said.
  if ! grep -qiE 'do not match the hashes|hash mismatch' "$log"; then
    skip_without_network "kosoku from the Python package index" "$log" \
      'Failed to establish a new connection|failure in name resolution|ProxyError|(Connect|Read)Timeout|SSLError'
  fi
  echo "autobahn: kosoku cannot be had as requirements.txt names it" >&2
  exit 1
fi
rm -rf "$kosoku_folder"
mv "$kosoku_folder.new" "$kosoku_folder"
"$kosoku_python" -c 'import kosoku'
echo "kosoku is installed: $kosoku_folder"
