// Whether a client is too slow: it is behind, and no byte of what is being sent to it was taken for too long. Either
// alone is no reason: a client may catch up for hours, and one that is up to date may be silent for ever.

#ifndef GATEWAY_SVC_HUB_LAG_POLICY_H_
#define GATEWAY_SVC_HUB_LAG_POLICY_H_

#include <cstdint>

#include "absl/time/time.h"

namespace gateway {

struct ClientProgress {
  int64_t behind_events = 0;      // offsets between the client and the head
  bool write_pending = false;     // bytes were given to the socket and are not all taken
  absl::Duration since_progress;  // since the socket last took a byte
};

struct LagPolicy {
  absl::Duration slow_client_deadline = absl::Seconds(30);

  bool TooSlow(const ClientProgress& progress) const {
    return progress.write_pending && progress.behind_events > 0 && progress.since_progress >= slow_client_deadline;
  }
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HUB_LAG_POLICY_H_
