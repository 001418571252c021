#include "gateway-svc/hub/lag_policy.h"

#include "gtest/gtest.h"

namespace gateway {
namespace {

constexpr size_t kMuch = 64 * 1024;

ClientProgress Progress(int64_t behind_events, size_t pending_bytes, bool paused, absl::Duration since_progress) {
  return {behind_events, pending_bytes, paused, since_progress};
}

TEST(LagPolicyTest, SlowIsBehindAndWithoutProgress) {
  const LagPolicy policy{absl::Seconds(10)};
  EXPECT_TRUE(policy.TooSlow(Progress(1, 1, false, absl::Seconds(10))));
  EXPECT_FALSE(policy.TooSlow(Progress(1, 1, false, absl::Seconds(9)))) << "not long enough";
  EXPECT_FALSE(policy.TooSlow(Progress(0, 1, false, absl::Hours(1)))) << "it has all that there is";
  EXPECT_FALSE(policy.TooSlow(Progress(1, 0, false, absl::Hours(1)))) << "nothing waits for its socket";
  EXPECT_FALSE(policy.TooSlow(Progress(1, 1, true, absl::Hours(1)))) << "it wants no events now";
}

TEST(LagPolicyTest, WhatIsAskedForAndNotReadCountsWithoutEvents) {
  const LagPolicy policy{absl::Seconds(10)};
  EXPECT_FALSE(policy.TooSlow(Progress(0, kMuch, true, absl::Seconds(10))));
  EXPECT_TRUE(policy.TooSlow(Progress(0, kMuch + 1, true, absl::Seconds(10))));
}

TEST(LagPolicyTest, TheNextLookIsWhereSomethingChangesAndNeverNow) {
  const LagPolicy policy{absl::Seconds(10)};
  EXPECT_EQ(policy.NextLook(absl::ZeroDuration()), absl::Seconds(5));
  EXPECT_EQ(policy.NextLook(absl::Seconds(2)), absl::Seconds(3));
  EXPECT_EQ(policy.NextLook(absl::Seconds(5)), absl::Seconds(5));
  EXPECT_EQ(policy.NextLook(absl::Seconds(9)), absl::Seconds(1));
  // One that may stand still for ever is looked at seldom, not at each turn of the wheel.
  EXPECT_EQ(policy.NextLook(absl::Seconds(10)), absl::Seconds(5));
  EXPECT_EQ(policy.NextLook(absl::Hours(5)), absl::Seconds(5));
}

}  // namespace
}  // namespace gateway
