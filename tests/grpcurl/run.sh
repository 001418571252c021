#!/bin/bash
# The log as grpcurl sees it, without a .proto file. Needs tests/grpcurl/install.sh to have run.
# EVENTLOG_SVC names a service that is built already; else Bazel builds it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. ./place.sh
. ../support/built_program.sh

if [ ! -x "$grpcurl" ]; then
  echo "skipped: needs grpcurl"
  exit 0
fi
built_program EVENTLOG_SVC //eventlog-svc eventlog-svc/eventlog-svc
export GRPCURL=$grpcurl
test_folder
PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 grpcurl_test.py -v
