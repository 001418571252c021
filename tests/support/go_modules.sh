# Sourced by scripts that build a pinned Go program: Go itself, and the modules that go.mod and go.sum in the current
# folder name.
. "$(dirname "${BASH_SOURCE[0]}")/installing.sh"

# go_modules PROGRAM MODULES: in words, for messages. Installs Go where it is missing and has the modules downloaded.
go_modules() {
  local log
  command -v go >/dev/null || install_package "$1" golang-go go
  log=$(mktemp)
  export GOTOOLCHAIN=local GOFLAGS=-mod=readonly CGO_ENABLED=0
  if ! go mod download 2>&1 | tee "$log"; then
    # What is wrong with the modules is a failure, whatever else was said.
    if ! grep -qiE 'checksum|security error|go\.sum|parsing go\.mod|errors parsing' "$log"; then
      skip_without_network "$2" "$log" \
        'dial tcp|no such host|i/o timeout|proxyconnect|TLS handshake timeout|disabled by GOPROXY'
      skip_without_network "$2" "$log" 'requires go ?>= ?[0-9.]+ \(running go|toolchain not available'
    fi
    echo "$1: the modules cannot be had as go.mod and go.sum name them" >&2
    exit 1
  fi
  rm -f "$log"
}
