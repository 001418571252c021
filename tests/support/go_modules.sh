# Sourced by scripts that build a pinned Go program: Go itself, and the modules that go.mod and go.sum in the current
# folder name.

# go_modules PROGRAM MODULES: in words, for messages. Installs Go where it is missing and has the modules downloaded.
# Exits with 0 and "skipped: needs X" where there is no network or no right to install; any other failure is one.
go_modules() {
  local log root=()
  log=$(mktemp)
  if ! command -v go >/dev/null; then
    if [ "$(id -u)" -ne 0 ]; then
      command -v sudo >/dev/null || { echo "skipped: needs go, and root or sudo to install it"; exit 0; }
      root=(sudo)
    fi
    if ! "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
      sh -c 'apt-get update -q && apt-get install -y -q --no-install-recommends golang-go' 2>&1 | tee "$log"; then
      _skip_without_network go "$log"
      echo "$1: apt-get cannot install golang-go" >&2
      exit 1
    fi
  fi
  export GOTOOLCHAIN=local GOFLAGS=-mod=readonly CGO_ENABLED=0
  if ! go mod download 2>&1 | tee "$log"; then
    _skip_without_network "$2" "$log"
    echo "$1: the modules cannot be had as go.mod and go.sum name them" >&2
    exit 1
  fi
  rm -f "$log"
}

# _skip_without_network WHAT LOG: after a failed command.
_skip_without_network() {
  if grep -qiE 'checksum|security error|go\.sum|parsing go\.mod|errors parsing' "$2"; then return; fi
  # apt's words, then Go's.
  if grep -qE 'Temporary failure resolving|Could not (resolve|connect)|Unable to connect|is unreachable' "$2" ||
    grep -qE 'dial tcp|no such host|i/o timeout|proxyconnect|TLS handshake timeout|disabled by GOPROXY' "$2" ||
    grep -qE 'requires go ?>= ?[0-9.]+ \(running go|toolchain not available' "$2"; then
    echo "skipped: needs $1"
    exit 0
  fi
}
