// How many things may be done now: some at once, and so many per second for long. A bucket of tokens that starts full.

#ifndef GATEWAY_SVC_HTTP_TOKEN_BUCKET_H_
#define GATEWAY_SVC_HTTP_TOKEN_BUCKET_H_

#include <algorithm>

#include "absl/time/time.h"

namespace gateway {

// One thread. Times are since any fixed moment, and never run backwards.
class TokenBucket {
 public:
  TokenBucket(double burst, double per_second, absl::Duration now)
      : burst_(burst), per_second_(per_second), tokens_(burst), counted_at_(now) {}

  // Takes one; false when there is none.
  bool Take(absl::Duration now) {
    tokens_ = std::min(burst_, tokens_ + absl::ToDoubleSeconds(now - counted_at_) * per_second_);
    counted_at_ = now;
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }
  // The one that was taken last was not used.
  void GiveBack() { tokens_ += 1; }
  // After a Take that found none: when there will be one, from then on.
  absl::Duration UntilNext() const { return absl::Seconds((1 - tokens_) / per_second_); }

 private:
  const double burst_;
  const double per_second_;
  double tokens_;
  absl::Duration counted_at_;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_TOKEN_BUCKET_H_
