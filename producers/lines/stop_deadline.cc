#include "producers/lines/stop_deadline.h"

#include <algorithm>

namespace eventlog {

void StopDeadline::Stop(absl::Time now) {
  if (stopped()) return;
  stopped_at_ = now;
  silent_since_ = now;
}

absl::Time StopDeadline::Deadline(absl::Time now, int64_t answers) {
  if (!stopped()) return absl::InfiniteFuture();
  if (answers != answers_) silent_since_ = now;
  answers_ = answers;
  return std::min(*stopped_at_ + whole_, silent_since_ + silence_);
}

}  // namespace eventlog
