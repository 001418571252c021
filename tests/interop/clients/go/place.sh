# Sourced: where the WebSocket clients in Go are kept, outside of the source tree. The name changes with their source.
go_client=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/eventlog/go-websocket-clients-$(
  cd "$(dirname "${BASH_SOURCE[0]}")" && cat go.mod go.sum main.go | sha256sum | cut -c1-16)
