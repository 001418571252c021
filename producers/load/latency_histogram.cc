#include "producers/load/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace eventlog {
namespace {

constexpr int kStepBits = 7;
constexpr int64_t kSteps = int64_t{1} << kStepBits;
// The values below 2 * kSteps have a place each; each further power of two has kSteps places.
constexpr size_t kPlaces = static_cast<size_t>(kSteps) * (64 - kStepBits);

}  // namespace

LatencyHistogram::LatencyHistogram() : counts_(kPlaces) {}

size_t LatencyHistogram::IndexOf(int64_t nanoseconds) {
  const int width = std::bit_width(static_cast<uint64_t>(nanoseconds));
  const int shift = std::max(width - kStepBits - 1, 0);
  return static_cast<size_t>(shift * kSteps + (nanoseconds >> shift));
}

int64_t LatencyHistogram::HighestOf(size_t index) {
  const int64_t place = static_cast<int64_t>(index);
  const int64_t shift = std::max<int64_t>(place / kSteps - 1, 0);
  // Unsigned: behind the last place is 2^63.
  return static_cast<int64_t>((static_cast<uint64_t>(place - shift * kSteps + 1) << shift) - 1);
}

void LatencyHistogram::Record(absl::Duration value) {
  value = std::max(value, absl::ZeroDuration());
  ++counts_[IndexOf(absl::ToInt64Nanoseconds(value))];
  ++count_;
  sum_ += value;
  max_ = std::max(max_, value);
}

void LatencyHistogram::Merge(const LatencyHistogram& other) {
  for (size_t i = 0; i < kPlaces; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  max_ = std::max(max_, other.max_);
}

absl::Duration LatencyHistogram::Mean() const { return count_ == 0 ? absl::ZeroDuration() : sum_ / count_; }

absl::Duration LatencyHistogram::Quantile(double fraction) const {
  if (count_ == 0) return absl::ZeroDuration();
  const int64_t wanted = std::clamp<int64_t>(static_cast<int64_t>(std::ceil(fraction * count_)), 1, count_);
  int64_t passed = 0;
  size_t index = 0;
  while ((passed += counts_[index]) < wanted) ++index;
  return std::min(absl::Nanoseconds(HighestOf(index)), max_);
}

int64_t LatencyHistogram::CountAbove(absl::Duration bound) const {
  int64_t above = 0;
  for (size_t i = IndexOf(absl::ToInt64Nanoseconds(std::max(bound, absl::ZeroDuration()))) + 1; i < kPlaces; ++i) {
    above += counts_[i];
  }
  return above;
}

}  // namespace eventlog
