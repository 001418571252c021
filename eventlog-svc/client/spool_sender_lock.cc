#include "eventlog-svc/client/spool_sender_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"

namespace eventlog {

absl::StatusOr<std::unique_ptr<SpoolSenderLock>> SpoolSenderLock::TryTake(const std::string& folder) {
  const std::string path = absl::StrCat(folder, "/sender.lock");
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    const absl::StatusCode code = errno == ENOENT ? absl::StatusCode::kNotFound : absl::StatusCode::kInternal;
    return absl::Status(code, absl::StrCat(path, ": ", std::strerror(errno)));
  }
  if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) return absl::WrapUnique(new SpoolSenderLock(path, descriptor));
  const int error = errno;
  close(descriptor);
  if (error == EWOULDBLOCK) return std::unique_ptr<SpoolSenderLock>();
  return absl::InternalError(absl::StrCat(path, ": ", std::strerror(error)));
}

// A child that was forked before shares the descriptor: closing alone would leave it the lock.
SpoolSenderLock::~SpoolSenderLock() {
  flock(descriptor_, LOCK_UN);
  close(descriptor_);
}

bool SpoolSenderLock::Current() const {
  struct stat here, there;
  return fstat(descriptor_, &here) == 0 && stat(path_.c_str(), &there) == 0 && here.st_dev == there.st_dev &&
         here.st_ino == there.st_ino;
}

}  // namespace eventlog
