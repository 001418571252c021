// When the next connection may be accepted: a token bucket that starts full. What comes faster waits in the kernel's
// backlog; none is refused.

#ifndef GATEWAY_SVC_HTTP_ACCEPT_PACE_H_
#define GATEWAY_SVC_HTTP_ACCEPT_PACE_H_

#include <algorithm>

#include "absl/time/time.h"

namespace gateway {

// One thread. Times are since any fixed moment, and never run backwards.
class AcceptPace {
 public:
  // A pause is at least so long, so that a herd is taken some at a time and not with a timer for each.
  static constexpr absl::Duration kPauseMin = absl::Milliseconds(5);

  // `per_second` connections for long, and as many at once; at least 1.
  AcceptPace(double per_second, absl::Duration now) : per_second_(per_second), tokens_(per_second), counted_at_(now) {}

  // Zero: accept one, it is counted. Else nothing was counted: ask again after so long.
  absl::Duration Take(absl::Duration now) {
    tokens_ = std::min(per_second_, tokens_ + absl::ToDoubleSeconds(now - counted_at_) * per_second_);
    counted_at_ = now;
    if (tokens_ < 1) return std::max(kPauseMin, absl::Seconds((1 - tokens_) / per_second_));
    tokens_ -= 1;
    return absl::ZeroDuration();
  }

 private:
  const double per_second_;
  double tokens_;
  absl::Duration counted_at_;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_ACCEPT_PACE_H_
