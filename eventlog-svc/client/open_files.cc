#include "eventlog-svc/client/open_files.h"

#include <dirent.h>

#include <cerrno>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"

namespace eventlog {

absl::StatusOr<std::vector<int>> OpenFiles() {
  DIR* const folder = ::opendir("/proc/self/fd");
  if (folder == nullptr) return absl::ErrnoToStatus(errno, "cannot list /proc/self/fd");
  std::vector<int> files;
  for (const dirent* entry = ::readdir(folder); entry != nullptr; entry = ::readdir(folder)) {
    int file = -1;
    if (absl::SimpleAtoi(entry->d_name, &file) && file != ::dirfd(folder)) files.push_back(file);
  }
  ::closedir(folder);
  return files;
}

}  // namespace eventlog
