#include "producers/hook/payload_reader.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "absl/time/clock.h"

namespace eventlog {
namespace {

constexpr size_t kChunkBytes = 64 * 1024;
// poll(2) takes an int of milliseconds.
constexpr absl::Duration kPollMax = absl::Hours(1);

// Rounded up, so that nobody turns in circles at the end of the time.
int PollTimeout(absl::Duration left) {
  left = std::clamp(left, absl::ZeroDuration(), kPollMax);
  return static_cast<int>(absl::ToInt64Milliseconds(left + absl::Milliseconds(1)));
}

}  // namespace

Payload ReadPayload(int descriptor, const PayloadReaderOptions& options,
                    absl::FunctionRef<bool(absl::string_view)> is_whole) {
  Payload payload;
  const absl::Time deadline = absl::Now() + options.timeout;
  std::vector<char> chunk(kChunkBytes);
  bool paused = false;  // and what was there was not whole
  while (true) {
    const absl::Duration left = deadline - absl::Now();
    pollfd ready = {descriptor, POLLIN, 0};
    const int count = poll(&ready, 1, PollTimeout(paused ? left : std::min(left, options.pause)));
    if (count == 0 && !paused && payload.bytes_read <= options.bytes_max && is_whole(payload.bytes)) return payload;
    paused = count == 0;
    // Also of input that never pauses.
    if (absl::Now() >= deadline) {
      payload.unfinished = true;
      return payload;
    }
    if (count == 0) continue;
    const ssize_t size = count < 0 ? -1 : read(descriptor, chunk.data(), chunk.size());
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (size < 0) {
      payload.unfinished = true;
      payload.status = absl::ErrnoToStatus(errno, "reading standard input");
    }
    if (size <= 0) return payload;
    payload.bytes_read += size;
    const int64_t room = options.bytes_max - static_cast<int64_t>(payload.bytes.size());
    payload.bytes.append(chunk.data(), static_cast<size_t>(std::min<int64_t>(size, room)));
  }
}

}  // namespace eventlog
