#include "producers/spool/sender_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"

namespace eventlog {

SenderLog::SenderLog(std::string folder, int64_t bytes_max)
    : path_(absl::StrCat(folder, "/", kFileName)),
      old_path_(absl::StrCat(folder, "/", kOldFileName)),
      bytes_max_(bytes_max) {}

absl::Status SenderLog::Redirect() {
  struct stat there;
  if (stat(path_.c_str(), &there) == 0 && there.st_size > bytes_max_ &&
      std::rename(path_.c_str(), old_path_.c_str()) < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("renaming ", path_));
  }
  const int file = open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return absl::ErrnoToStatus(errno, absl::StrCat("opening ", path_));
  const int redirected = dup2(file, STDERR_FILENO);
  const int error = errno;
  close(file);
  return redirected < 0 ? absl::ErrnoToStatus(error, absl::StrCat("writing to ", path_)) : absl::OkStatus();
}

}  // namespace eventlog
