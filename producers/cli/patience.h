// How long to try when a service is away: what was waited for it already counts, whoever waited.

#ifndef PRODUCERS_CLI_PATIENCE_H_
#define PRODUCERS_CLI_PATIENCE_H_

#include <algorithm>

#include "absl/time/time.h"

namespace eventlog {

// Not thread safe.
class Patience {
 public:
  explicit Patience(absl::Duration whole) : whole_(whole), left_(whole) {}

  void Waited(absl::Duration time) { left_ = std::max(left_ - time, absl::ZeroDuration()); }
  // It was there again: all of it, for the next time.
  void Renew() { left_ = whole_; }
  void GiveUp() { left_ = absl::ZeroDuration(); }
  absl::Duration left() const { return left_; }

 private:
  const absl::Duration whole_;
  absl::Duration left_;
};

}  // namespace eventlog

#endif  // PRODUCERS_CLI_PATIENCE_H_
