#!/bin/bash
# The log as grpcurl sees it, without a .proto file. Needs tests/grpcurl/install.sh to have run.
# EVENTLOG_SVC names a service that is built already; else Bazel builds it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. ./place.sh

if [ ! -x "$grpcurl" ]; then
  echo "skipped: needs grpcurl"
  exit 0
fi
if [ -z "${EVENTLOG_SVC:-}" ]; then
  bazel build --noshow_progress //eventlog-svc
  EVENTLOG_SVC=$(bazel info bazel-bin 2>/dev/null)/eventlog-svc/eventlog-svc
fi
export EVENTLOG_SVC GRPCURL=$grpcurl
TEST_TMPDIR=$(mktemp -d)
export TEST_TMPDIR
trap 'rm -rf "$TEST_TMPDIR"' EXIT
PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 grpcurl_test.py -v
