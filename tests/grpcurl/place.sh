# Sourced: where the pinned grpcurl is kept, outside of the source tree.
grpcurl_folder=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/eventlog/grpcurl-$(
  sed -n 's,^require github.com/fullstorydev/grpcurl \(v[0-9.]*\)$,\1,p' "$(dirname "${BASH_SOURCE[0]}")/go.mod")
grpcurl=$grpcurl_folder/grpcurl
