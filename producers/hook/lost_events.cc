#include "producers/hook/lost_events.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace eventlog {
namespace {

// Who holds a lock only changes a length; one that was stopped meanwhile must not stop us.
constexpr absl::Duration kLockMax = absl::Milliseconds(500);

int Open(const std::string& path) {
  return open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
}

int64_t Length(const std::string& path) {
  struct stat status;
  if (lstat(path.c_str(), &status) < 0 || !S_ISREG(status.st_mode)) return 0;
  return status.st_size;
}

}  // namespace

LostEvents::LostEvents(std::string folder)
    : path_(absl::StrCat(folder, "/", kFileName)), told_path_(absl::StrCat(folder, "/", kToldFileName)) {}

bool LostEvents::Add(int64_t events) const {
  const int file = Open(path_);
  if (file < 0) return false;
  const absl::Cleanup closing = [&] { close(file); };
  const absl::Time deadline = absl::Now() + kLockMax;
  while (flock(file, LOCK_EX | LOCK_NB) < 0) {
    if (errno != EWOULDBLOCK || absl::Now() > deadline) return false;
    sched_yield();
  }
  const off_t length = lseek(file, 0, SEEK_END);
  return length >= 0 && ftruncate(file, length + events) == 0;
}

int64_t LostEvents::Total() const { return Length(path_); }

void LostEvents::Tell(absl::FunctionRef<bool(int64_t lost, int64_t total)> tell) {
  if (Total() <= Length(told_path_)) return;
  const int file = Open(told_path_);
  if (file < 0) return;
  const absl::Cleanup closing = [&] { close(file); };
  if (flock(file, LOCK_EX | LOCK_NB) < 0) return;
  // Somebody may have told it before we had the lock.
  const int64_t told = Length(told_path_);
  const int64_t total = Total();
  if (total <= told || !tell(total - told, total)) return;
  // Where this fails it is told again.
  [[maybe_unused]] const int failed = ftruncate(file, total);
}

}  // namespace eventlog
