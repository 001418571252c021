#include "producers/load/latency_histogram.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace eventlog {
namespace {

constexpr double kFractions[] = {0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 1};

// The least value that at least the fraction of all do not exceed.
int64_t Exact(const std::vector<int64_t>& sorted, double fraction) {
  const double rank = std::ceil(fraction * static_cast<double>(sorted.size()));
  return sorted[static_cast<size_t>(std::max(rank, 1.0)) - 1];
}

void ExpectQuantilesOf(std::vector<int64_t> values) {
  LatencyHistogram histogram;
  for (const int64_t value : values) histogram.Record(absl::Nanoseconds(value));
  std::sort(values.begin(), values.end());
  ASSERT_EQ(histogram.count(), static_cast<int64_t>(values.size()));
  EXPECT_EQ(absl::ToInt64Nanoseconds(histogram.max()), values.back());
  for (const double fraction : kFractions) {
    const int64_t exact = Exact(values, fraction);
    const int64_t got = absl::ToInt64Nanoseconds(histogram.Quantile(fraction));
    EXPECT_GE(got, exact) << fraction;
    EXPECT_LE(got - exact, exact / 128) << fraction;
  }
}

TEST(LatencyHistogramTest, QuantilesAreThoseOfTheSamplesWithinThePrecision) {
  std::mt19937_64 random(1);
  std::vector<int64_t> uniform, tail, small;
  std::lognormal_distribution<double> lognormal(12, 2);
  for (int i = 0; i < 20'000; ++i) {
    uniform.push_back(static_cast<int64_t>(random() % 1'000'000'000));
    tail.push_back(static_cast<int64_t>(lognormal(random)));
    small.push_back(static_cast<int64_t>(random() % 300));
  }
  ExpectQuantilesOf(uniform);
  ExpectQuantilesOf(tail);
  ExpectQuantilesOf(small);
}

TEST(LatencyHistogramTest, EveryMagnitudeIsKept) {
  for (int bits = 0; bits < 63; ++bits) {
    for (const int64_t off : {-1, 0, 1}) ExpectQuantilesOf({std::max<int64_t>((int64_t{1} << bits) + off, 0)});
  }
  ExpectQuantilesOf({std::numeric_limits<int64_t>::max()});
}

TEST(LatencyHistogramTest, EmptyOneHasNoQuantiles) {
  const LatencyHistogram histogram;
  EXPECT_EQ(histogram.count(), 0);
  EXPECT_EQ(histogram.Quantile(0.99), absl::ZeroDuration());
  EXPECT_EQ(histogram.Mean(), absl::ZeroDuration());
}

TEST(LatencyHistogramTest, ClockThatWasSetBackGivesZero) {
  LatencyHistogram histogram;
  histogram.Record(absl::Seconds(-3));
  EXPECT_EQ(histogram.count(), 1);
  EXPECT_EQ(histogram.Quantile(1), absl::ZeroDuration());
}

TEST(LatencyHistogramTest, MergedOneIsThatOfAll) {
  LatencyHistogram all, odd, even;
  for (int i = 0; i < 10'000; ++i) {
    all.Record(absl::Microseconds(i));
    (i % 2 == 0 ? even : odd).Record(absl::Microseconds(i));
  }
  even.Merge(odd);
  EXPECT_EQ(even.count(), 10'000);
  EXPECT_EQ(even.Mean(), all.Mean());
  EXPECT_EQ(even.max(), all.max());
  for (const double fraction : kFractions) EXPECT_EQ(even.Quantile(fraction), all.Quantile(fraction)) << fraction;
}

TEST(LatencyHistogramTest, SamplesAboveABoundAreCounted) {
  LatencyHistogram histogram;
  for (int i = 1; i <= 1000; ++i) histogram.Record(absl::Milliseconds(i));
  EXPECT_EQ(histogram.CountAbove(absl::Seconds(2)), 0);
  EXPECT_EQ(histogram.CountAbove(absl::ZeroDuration()), 1000);
  EXPECT_NEAR(static_cast<double>(histogram.CountAbove(absl::Milliseconds(500))), 500, 500.0 / 128);
}

}  // namespace
}  // namespace eventlog
