#include "eventlog-svc/client/file_limit.h"

#include <sys/resource.h>

#include <cerrno>

namespace eventlog {

absl::Status RaiseFileLimit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return absl::ErrnoToStatus(errno, "the limit of open files");
  if (files.rlim_cur == files.rlim_max) return absl::OkStatus();
  files.rlim_cur = files.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &files) != 0) return absl::ErrnoToStatus(errno, "the limit of open files");
  return absl::OkStatus();
}

}  // namespace eventlog
