#include "producers/hook/lost_events.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace eventlog {
namespace {

// Who holds a lock only changes a length; one that was stopped meanwhile must not stop us.
constexpr int kTriesMax = 500;
constexpr absl::Duration kTryInterval = absl::Milliseconds(1);

int Open(const std::string& folder, const char* name) {
  return open(absl::StrCat(folder, "/", name).c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
}

int64_t Length(const std::string& folder, const char* name) {
  struct stat status;
  if (lstat(absl::StrCat(folder, "/", name).c_str(), &status) < 0 || !S_ISREG(status.st_mode)) return 0;
  return status.st_size;
}

}  // namespace

bool LostEvents::Add(int64_t events) {
  const int file = Open(folder_, kFileName);
  if (file < 0) return false;
  const absl::Cleanup closing = [&] { close(file); };
  absl::Notification never;
  for (int tries = 0; flock(file, LOCK_EX | LOCK_NB) < 0; ++tries) {
    if (errno != EWOULDBLOCK || tries == kTriesMax) return false;
    never.WaitForNotificationWithTimeout(kTryInterval);
  }
  const off_t length = lseek(file, 0, SEEK_END);
  return length >= 0 && ftruncate(file, length + events) == 0;
}

int64_t LostEvents::Total() const { return Length(folder_, kFileName); }

void LostEvents::Tell(absl::FunctionRef<bool(int64_t lost, int64_t total)> tell) {
  if (Total() <= Length(folder_, kToldFileName)) return;
  const int file = Open(folder_, kToldFileName);
  if (file < 0) return;
  const absl::Cleanup closing = [&] { close(file); };
  if (flock(file, LOCK_EX | LOCK_NB) < 0) return;
  // Somebody may have told it before we had the lock.
  const int64_t told = Length(folder_, kToldFileName);
  const int64_t total = Total();
  if (total <= told || !tell(total - told, total)) return;
  // Where this fails it is told again.
  [[maybe_unused]] const int failed = ftruncate(file, total);
}

}  // namespace eventlog
