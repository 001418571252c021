#include "eventlog-svc/client/folder_watch.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace eventlog {
namespace {

constexpr uint32_t kChanges = IN_ATTRIB | IN_CREATE | IN_MOVED_TO;
constexpr uint32_t kFolderIsGone = IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF;
// How long at most poll(2) waits at a time.
constexpr absl::Duration kPollMax = absl::Hours(1);
// The same where nothing but a look tells that Wake was called.
constexpr absl::Duration kWakeLookInterval = absl::Milliseconds(50);

absl::Duration Uptime() { return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch()); }

}  // namespace

FolderWatch::FolderWatch(std::string folder, std::string prefix)
    : folder_(std::move(folder)), prefix_(std::move(prefix)), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  Begin();
}

FolderWatch::~FolderWatch() {
  if (wake_ >= 0) close(wake_);
  if (changes_ >= 0) close(changes_);
}

void FolderWatch::Begin() {
  if (changes_ < 0) changes_ = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  begun_ = changes_ >= 0 &&
           inotify_add_watch(changes_, folder_.c_str(), kChanges | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR) >= 0;
}

void FolderWatch::Tell(const std::string& path) { utimensat(AT_FDCWD, path.c_str(), nullptr, 0); }

bool FolderWatch::Await(absl::Duration max) {
  const absl::Duration end = Uptime() + max;
  // What changed while nobody watched is not told.
  bool changed = false;
  if (!begun_) {
    Begin();
    changed = begun_;
  }
  while (!changed) {
    const absl::Duration left =
        std::clamp(end - Uptime(), absl::ZeroDuration(), wake_ < 0 ? kWakeLookInterval : kPollMax);
    const int left_ms = static_cast<int>(absl::ToInt64Milliseconds(absl::Ceil(left, absl::Milliseconds(1))));
    pollfd ready[] = {{wake_, POLLIN, 0}, {changes_, POLLIN, 0}};
    const int count = poll(ready, changes_ < 0 ? 1 : 2, left_ms);
    uint64_t wakes = 0;
    if (ready[0].revents != 0) {
      [[maybe_unused]] const ssize_t size = read(wake_, &wakes, sizeof(wakes));
    }
    if (woken_.exchange(false)) return ReadChanges();
    changed = ready[1].revents != 0 && ReadChanges();
    if (count == 0 && Uptime() >= end) break;
  }
  return changed;
}

bool FolderWatch::ReadChanges() {
  if (changes_ < 0) return false;
  alignas(inotify_event) char buffer[16 * 1024];
  bool changed = false;
  for (ssize_t size = 0; (size = read(changes_, buffer, sizeof(buffer))) > 0;) {
    for (ssize_t at = 0; at < size;) {
      const auto* const event = reinterpret_cast<const inotify_event*>(buffer + at);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      // Watched anew with the next Await, if it is there again.
      if ((event->mask & kFolderIsGone) != 0) begun_ = false;
      const absl::string_view name = event->len > 0 ? event->name : "";
      changed = changed || (event->mask & (kFolderIsGone | IN_Q_OVERFLOW)) != 0 || absl::StartsWith(name, prefix_);
    }
  }
  return changed;
}

void FolderWatch::Wake() {
  woken_ = true;
  const uint64_t one = 1;
  // It fails only when it was called so often that it stays awake anyhow.
  [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof(one));
}

}  // namespace eventlog
