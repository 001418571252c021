// Whether a client is too slow: it is behind, and its socket took too little of what waits for it for too long. Either
// alone is no reason: a client may catch up for hours, and one that is up to date may be silent for ever.

#ifndef GATEWAY_SVC_HUB_LAG_POLICY_H_
#define GATEWAY_SVC_HUB_LAG_POLICY_H_

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace gateway {

struct ClientProgress {
  int64_t behind_events = 0;      // offsets between the client and the head
  size_t pending_bytes = 0;       // given to the client, and not taken by its socket
  bool paused = false;            // the client asked for no events now
  absl::Duration since_progress;  // since the socket last took enough, or all
};

struct LagPolicy {
  absl::Duration slow_client_deadline = absl::Seconds(30);

  bool IsBehind(const ClientProgress& progress) const {
    if (progress.pending_bytes == 0) return false;
    // What it asked for and does not read is held for it too, be there events or not.
    return (progress.behind_events > 0 && !progress.paused) || progress.pending_bytes > kAnswerBytesMax;
  }
  bool TooSlow(const ClientProgress& progress) const {
    return IsBehind(progress) && progress.since_progress >= slow_client_deadline;
  }
  // After so long it is looked at again, if nothing happens before: at half of the deadline it may be warned, at the
  // deadline ended, and later it may come to be behind.
  absl::Duration NextLook(absl::Duration since_progress) const {
    if (since_progress < slow_client_deadline / 2) return slow_client_deadline / 2 - since_progress;
    if (since_progress < slow_client_deadline) return slow_client_deadline - since_progress;
    return slow_client_deadline / 2;
  }

 private:
  static constexpr size_t kAnswerBytesMax = 64 * 1024;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HUB_LAG_POLICY_H_
