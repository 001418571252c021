# Sourced: where the pinned kosoku is kept, outside of the source tree, and the Python that has it.
kosoku_folder=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/eventlog/kosoku-$(
  sed -n 's,^kosoku==\([0-9.]*\) .*$,\1,p' "$(dirname "${BASH_SOURCE[0]}")/requirements.txt")
kosoku_python=$kosoku_folder/bin/python3
