#!/bin/bash
# Installs what building, testing and running EventLog needs: Debian 12's own packages, nothing else. Idempotent; a
# second run takes seconds. Needs root, or sudo.
set -euo pipefail

packages=(
  # build
  bazel-bootstrap bazel-rules-java bazel-rules-proto default-jdk-headless g++ pkg-config git ca-certificates
  # libraries
  libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc libabsl-dev libboost1.81-dev
  libboost-json1.81-dev libcpp-httplib-dev prometheus-cpp-dev libgoogle-glog-dev libssl-dev libisal-dev zlib1g-dev
  libsqlite3-dev
  # tests: frameworks, clang for the checked builds and the sanitizers, independent WebSocket clients, a browser, a disk
  libgtest-dev libgmock-dev clang-14 clang-format-14 libclang-rt-14-dev
  python3 python3-websockets python3-aiohttp python3-grpcio python3-protobuf nodejs node-ws chromium e2fsprogs
  iproute2
  # what sessions wrap and what reads the screen of it, and shells that complete words
  vim procps python3-pyte bash-completion zsh fish
  # benchmarks: what others do in the same place
  redis-server etcd-server nats-server
  # what README.md calls
  curl iputils-ping
)

# Of these the program alone is wanted: their services are neither started now nor at boot.
services=(redis-server etcd-server nats-server)
units=(redis-server.service etcd.service nats-server.service)

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done

if [ ${#missing[@]} -gt 0 ]; then
  root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "bazel/setup.sh: run it as root, or install sudo" >&2; exit 1; }
    root=(sudo)
  fi
  echo "bazel/setup.sh: installing ${missing[*]}"
  "${root[@]}" apt-get update -q
  # A package that was here before keeps its service as it is.
  for i in "${!services[@]}"; do
    if [[ " ${missing[*]} " == *" ${services[i]} "* ]]; then
      "${root[@]}" mkdir -p /etc/systemd/system
      "${root[@]}" ln -sf /dev/null "/etc/systemd/system/${units[i]}"
    fi
  done
  # Debian asks this file before a package starts a service; 101 forbids it. One that is there already has its say.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap '"${root[@]}" rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee "$policy" >/dev/null
    "${root[@]}" chmod +x "$policy"
  fi
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
fi
echo "bazel/setup.sh: everything is installed"
