#include "producers/load/arrival_schedule.h"

#include <algorithm>
#include <cmath>

namespace eventlog {

absl::Time ArrivalSchedule::DueAt(int producer, int64_t n) const {
  return start_ + absl::Seconds(static_cast<double>(n * producers_ + producer) / events_per_second_);
}

int64_t ArrivalSchedule::CountDueBefore(int producer, absl::Time time) const {
  const double turns = (absl::ToDoubleSeconds(time - start_) * events_per_second_ - producer) / producers_;
  int64_t count = std::max<int64_t>(static_cast<int64_t>(std::ceil(turns)), 0);
  // The division is not exact.
  while (count > 0 && DueAt(producer, count - 1) >= time) --count;
  while (DueAt(producer, count) < time) ++count;
  return count;
}

}  // namespace eventlog
