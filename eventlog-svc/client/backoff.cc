#include "eventlog-svc/client/backoff.h"

#include <algorithm>

namespace eventlog {

absl::Duration Backoff::Next() {
  limit_ = limit_ == absl::ZeroDuration() ? options_.first : std::min(limit_ * 2, options_.max);
  return absl::Seconds(absl::Uniform(random_, 0.0, absl::ToDoubleSeconds(limit_)));
}

}  // namespace eventlog
