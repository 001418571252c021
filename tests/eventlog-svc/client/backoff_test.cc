#include "eventlog-svc/client/backoff.h"

#include <algorithm>
#include <random>
#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

// The largest of many draws of the n-th call: close to its limit.
std::vector<absl::Duration> Limits(int calls) {
  std::vector<absl::Duration> limits(static_cast<size_t>(calls));
  std::mt19937 random(1);
  for (int round = 0; round < 2'000; ++round) {
    Backoff backoff({absl::Milliseconds(100), absl::Milliseconds(350)}, random);
    for (absl::Duration& limit : limits) limit = std::max(limit, backoff.Next());
  }
  return limits;
}

TEST(BackoffTest, DoublesFromFirstToMax) {
  const std::vector<absl::Duration> limits = Limits(4);
  const absl::Duration right[] = {absl::Milliseconds(100), absl::Milliseconds(200), absl::Milliseconds(350),
                                  absl::Milliseconds(350)};
  for (size_t i = 0; i < limits.size(); ++i) {
    EXPECT_LE(limits[i], right[i]) << i;
    EXPECT_GT(limits[i], right[i] * 0.95) << i;
  }
}

TEST(BackoffTest, JitterReachesDownToNothing) {
  std::mt19937 random(1);
  absl::Duration least = absl::InfiniteDuration();
  for (int round = 0; round < 2'000; ++round) {
    least = std::min(least, Backoff({absl::Seconds(1), absl::Seconds(1)}, random).Next());
  }
  EXPECT_LT(least, absl::Milliseconds(10));
  EXPECT_GE(least, absl::ZeroDuration());
}

TEST(BackoffTest, ResetBeginsWithFirstAgain) {
  std::mt19937 random(1);
  Backoff backoff({absl::Milliseconds(1), absl::Hours(1)}, random);
  for (int i = 0; i < 20; ++i) backoff.Next();
  backoff.Reset();
  EXPECT_LE(backoff.Next(), absl::Milliseconds(1));
}

}  // namespace
}  // namespace eventlog
