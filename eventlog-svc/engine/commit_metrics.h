// What the committing thread measures: counters and histograms that the /metrics page reads. Lock free.

#ifndef EVENTLOG_SVC_ENGINE_COMMIT_METRICS_H_
#define EVENTLOG_SVC_ENGINE_COMMIT_METRICS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace eventlog {

// A histogram of durations with upper bounds of 50 us, doubling. One writer, any readers.
class DurationHistogram {
 public:
  static constexpr size_t kBuckets = 20;  // the last one has no bound
  static absl::Duration UpperBound(size_t bucket) { return absl::Microseconds(50) * (int64_t{1} << bucket); }

  void Add(absl::Duration value) {
    size_t bucket = 0;
    while (bucket + 1 < kBuckets && value > UpperBound(bucket)) ++bucket;
    counts_[bucket].fetch_add(1, std::memory_order_relaxed);
    sum_nanos_.fetch_add(absl::ToInt64Nanoseconds(value), std::memory_order_relaxed);
  }
  int64_t count(size_t bucket) const { return counts_[bucket].load(std::memory_order_relaxed); }
  absl::Duration sum() const { return absl::Nanoseconds(sum_nanos_.load(std::memory_order_relaxed)); }

 private:
  std::array<std::atomic<int64_t>, kBuckets> counts_{};
  std::atomic<int64_t> sum_nanos_ = 0;
};

struct CommitMetrics {
  DurationHistogram append_latency;  // from the queue to the answer, of a batch
  DurationHistogram sync_latency;
  std::atomic<int64_t> groups = 0;
  std::atomic<int64_t> batches = 0;  // acknowledged, duplicates not counted
  std::atomic<int64_t> events = 0;
  std::atomic<int64_t> bytes = 0;  // stored
  std::atomic<int64_t> duplicates = 0;
  std::atomic<int64_t> queue_records = 0;
  std::atomic<int64_t> queue_bytes = 0;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_ENGINE_COMMIT_METRICS_H_
