# Sourced by scripts that install what a test needs and the source tree has not. All of them say "skipped: needs X" and
# end with 0 where it cannot be had because there is no network or no right to install; every other failure is one.

# install_package WHO PACKAGE NAME: Debian's PACKAGE, which WHO needs and people call NAME.
install_package() {
  local log root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "skipped: needs $3, and root or sudo to install it"; exit 0; }
    root=(sudo)
  fi
  log=$(mktemp)
  if ! "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
    sh -c "apt-get update -q && apt-get install -y -q --no-install-recommends $2" 2>&1 | tee "$log"; then
    skip_without_network "$3" "$log" \
      'Temporary failure resolving|Could not (resolve|connect)|Unable to connect|is unreachable'
    echo "$1: apt-get cannot install $2" >&2
    exit 1
  fi
  rm -f "$log"
}

# skip_without_network WHAT LOG WORDS: after a failed command, whose output is in LOG and has WORDS, an extended regular
# expression, where it was the network.
skip_without_network() {
  if grep -qE "$3" "$2"; then
    echo "skipped: needs $1"
    exit 0
  fi
}
