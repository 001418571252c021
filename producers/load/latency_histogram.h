// Counts of durations from which percentiles come: a log-linear histogram after Gil Tene's HdrHistogram
// (hdrhistogram.org). Each power of two is cut into 128 equal steps, so that a value is known to better than 1 in 128
// (0.8 %) wherever it lies, from a nanosecond to centuries, in memory that does not grow with their number.

#ifndef PRODUCERS_LOAD_LATENCY_HISTOGRAM_H_
#define PRODUCERS_LOAD_LATENCY_HISTOGRAM_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/time/time.h"

namespace eventlog {

// A value. Not thread safe.
class LatencyHistogram {
 public:
  LatencyHistogram();

  // A duration below zero, as a clock that was set back gives, counts as zero.
  void Record(absl::Duration value);
  void Merge(const LatencyHistogram& other);

  int64_t count() const { return count_; }
  // Exact. Zero when there is none.
  absl::Duration max() const { return max_; }
  absl::Duration Mean() const;
  // The least value that at least `fraction` (0 to 1) of all do not exceed, rounded up by at most 1 in 128 and never
  // above max(). Zero when there is none.
  absl::Duration Quantile(double fraction) const;
  // How many exceed `bound`; those within 1 in 128 of it may be counted or not.
  int64_t CountAbove(absl::Duration bound) const;

 private:
  static size_t IndexOf(int64_t nanoseconds);
  // The largest value that is counted at the index.
  static int64_t HighestOf(size_t index);

  std::vector<int64_t> counts_;
  int64_t count_ = 0;
  absl::Duration sum_;
  absl::Duration max_;
};

}  // namespace eventlog

#endif  // PRODUCERS_LOAD_LATENCY_HISTOGRAM_H_
