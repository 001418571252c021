// When a shard lets its clients look at the ring: at once when it is idle; under load a little later, so that more
// events leave with one write. What a write costs is its number, not its bytes.

#ifndef GATEWAY_SVC_HTTP_ROUND_PACE_H_
#define GATEWAY_SVC_HTTP_ROUND_PACE_H_

#include <algorithm>

#include "absl/time/time.h"

namespace gateway {

// A pure state machine; times are of any monotonic clock, as durations since its begin.
class RoundPace {
 public:
  explicit RoundPace(absl::Duration linger_max) : linger_max_(linger_max) {}

  // Something is new. Zero: begin a round now; else after so long.
  absl::Duration WaitFor(absl::Duration now) const { return now >= next_ ? absl::ZeroDuration() : next_ - now; }
  // A round took from `begin` to `end`; `more`: something new came meanwhile. That is load: the next round waits for
  // half the time that this one took, and the shard is busy with rounds for two thirds of the time at most.
  void OnRound(absl::Duration begin, absl::Duration end, bool more) {
    next_ = more ? end + std::min(linger_max_, (end - begin) / 2) : end;
  }

 private:
  const absl::Duration linger_max_;
  absl::Duration next_ = absl::ZeroDuration();
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_ROUND_PACE_H_
