#include "eventlog-svc/unsent_bytes.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>

#include "absl/strings/numbers.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"

namespace eventlog {
namespace {

constexpr absl::Duration kFirstPause = absl::Milliseconds(1);
constexpr absl::Duration kLastPause = absl::Milliseconds(50);

bool IsConnectionAt(int fd, int port) {
  sockaddr_storage local{}, peer{};
  socklen_t local_size = sizeof(local), peer_size = sizeof(peer);
  // A socket that listens has no peer.
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&local), &local_size) != 0 ||
      getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &peer_size) != 0) {
    return false;
  }
  if (local.ss_family == AF_INET) return ntohs(reinterpret_cast<sockaddr_in*>(&local)->sin_port) == port;
  return local.ss_family == AF_INET6 && ntohs(reinterpret_cast<sockaddr_in6*>(&local)->sin6_port) == port;
}

}  // namespace

int64_t UnsentBytes(int port) {
  int64_t bytes = 0;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", none)) {
    int fd = -1, queued = 0;
    if (!absl::SimpleAtoi(entry.path().filename().string(), &fd) || !IsConnectionAt(fd, port)) continue;
    if (ioctl(fd, SIOCOUTQ, &queued) == 0) bytes += queued;
  }
  return bytes;
}

bool AwaitSent(int port, absl::Time deadline) {
  const absl::Notification never;
  for (absl::Duration pause = kFirstPause; UnsentBytes(port) > 0; pause = std::min(2 * pause, kLastPause)) {
    if (absl::Now() >= deadline) return false;
    never.WaitForNotificationWithTimeout(pause);
  }
  return true;
}

}  // namespace eventlog
