#!/bin/bash
# All Autobahn cases against the gateway's WebSocket codec, through tests/support/ws_echo: about five minutes. Needs
# tests/autobahn/install.sh to have run. WS_ECHO names an echo server that is built already; else Bazel builds it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. ./place.sh
. ../support/built_program.sh

if [ ! -x "$kosoku_python" ]; then
  echo "skipped: needs kosoku"
  exit 0
fi
built_program WS_ECHO //tests/support:ws_echo tests/support/ws_echo
test_folder
# Its cases leave files open, which they may.
PYTHONDONTWRITEBYTECODE=1 "$kosoku_python" -W ignore::ResourceWarning autobahn_test.py -v
