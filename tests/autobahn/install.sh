#!/bin/bash
# Installs the conformance suite that requirements.txt pins by version and checksum, into a folder of its own. Needs
# Debian's python3-venv (installed, with the right to) and the Python package index. Idempotent. Says "skipped: needs X"
# where one of them cannot be had, because there is no network or no right to install; every other failure is one, above
# all that of a checksum.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. ./place.sh

log=$(mktemp)
trap 'rm -f "$log"; rm -rf "$kosoku_folder.new"' EXIT

# skip_without_network WHAT: after a failed command whose output is in $log.
skip_without_network() {
  if grep -qiE 'do not match the hashes|hash mismatch' "$log"; then return; fi
  # apt's words, then pip's.
  if grep -qE 'Temporary failure resolving|Could not (resolve|connect)|Unable to connect|is unreachable' "$log" ||
    grep -qE 'Failed to establish a new connection|Temporary failure in name resolution|ProxyError' "$log" ||
    grep -qE 'ConnectTimeoutError|ReadTimeoutError|SSLError' "$log"; then
    echo "skipped: needs $1"
    exit 0
  fi
}

if [ -x "$kosoku_python" ] && "$kosoku_python" -c 'import kosoku' 2>/dev/null; then
  echo "kosoku is there: $kosoku_folder"
  exit 0
fi

if ! /usr/bin/python3 -c 'import ensurepip, venv' 2>/dev/null; then
  root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "skipped: needs python3-venv, and root or sudo to install it"; exit 0; }
    root=(sudo)
  fi
  if ! "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
    sh -c 'apt-get update -q && apt-get install -y -q --no-install-recommends python3-venv' 2>&1 | tee "$log"; then
    skip_without_network python3-venv
    echo "autobahn: apt-get cannot install python3-venv" >&2
    exit 1
  fi
fi

# Made elsewhere and moved when it is whole. Nothing in it is called by its path but the Python, which knows its place
# by the link; so it can be moved.
rm -rf "$kosoku_folder.new"
mkdir -p "$(dirname "$kosoku_folder")"
/usr/bin/python3 -m venv "$kosoku_folder.new"
if ! "$kosoku_folder.new/bin/python3" -m pip --disable-pip-version-check install --quiet --no-deps \
  --only-binary :all: --require-hashes -r requirements.txt 2>&1 | tee "$log"; then
  skip_without_network "kosoku from the Python package index"
  echo "autobahn: kosoku cannot be had as requirements.txt names it" >&2
  exit 1
fi
rm -rf "$kosoku_folder"
mv "$kosoku_folder.new" "$kosoku_folder"
"$kosoku_python" -c 'import kosoku'
echo "kosoku is installed: $kosoku_folder"
