// When the next connection may be accepted. What comes faster waits in the kernel's backlog; none is refused.

#ifndef GATEWAY_SVC_HTTP_ACCEPT_PACE_H_
#define GATEWAY_SVC_HTTP_ACCEPT_PACE_H_

#include <algorithm>

#include "absl/time/time.h"
#include "gateway-svc/http/token_bucket.h"

namespace gateway {

// One thread. Times are since any fixed moment, and never run backwards.
class AcceptPace {
 public:
  // A pause is at least so long, so that a herd is taken some at a time and not with a timer for each.
  static constexpr absl::Duration kPauseMin = absl::Milliseconds(5);

  // `per_second` connections for long, and as many at once; at least 1.
  AcceptPace(double per_second, absl::Duration now) : bucket_(per_second, per_second, now) {}

  // Zero: accept one, it is counted. Else nothing was counted: ask again after so long.
  absl::Duration Take(absl::Duration now) {
    return bucket_.Take(now) ? absl::ZeroDuration() : std::max(kPauseMin, bucket_.UntilNext());
  }
  // The one that was counted did not come.
  void GiveBack() { bucket_.GiveBack(); }

 private:
  TokenBucket bucket_;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_ACCEPT_PACE_H_
