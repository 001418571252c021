#include "producers/session/process_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace eventlog {
namespace {

absl::StatusOr<int> OpenLocked(const std::string& path, int operation) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open the lock ", path));
  int result = 0;
  while ((result = flock(descriptor, operation)) != 0 && errno == EINTR) {
  }
  if (result == 0) return descriptor;
  const int error = errno;
  close(descriptor);
  if (error == EWOULDBLOCK) return absl::AlreadyExistsError(absl::StrCat(path, " is locked"));
  return absl::ErrnoToStatus(error, absl::StrCat("cannot lock ", path));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ProcessLock>> ProcessLock::TryTake(const std::string& path) {
  const absl::StatusOr<int> descriptor = OpenLocked(path, LOCK_EX | LOCK_NB);
  if (absl::IsAlreadyExists(descriptor.status())) return std::unique_ptr<ProcessLock>();
  if (!descriptor.ok()) return descriptor.status();
  return std::unique_ptr<ProcessLock>(new ProcessLock(*descriptor));
}

absl::StatusOr<std::unique_ptr<ProcessLock>> ProcessLock::Take(const std::string& path) {
  const absl::StatusOr<int> descriptor = OpenLocked(path, LOCK_EX);
  if (!descriptor.ok()) return descriptor.status();
  return std::unique_ptr<ProcessLock>(new ProcessLock(*descriptor));
}

// A child that was forked before, and is not yet another program, shares the descriptor: closing alone would leave it
// the lock.
ProcessLock::~ProcessLock() {
  flock(descriptor_, LOCK_UN);
  close(descriptor_);
}

}  // namespace eventlog
