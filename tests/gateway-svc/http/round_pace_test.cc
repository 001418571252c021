#include "gateway-svc/http/round_pace.h"

#include "gtest/gtest.h"

namespace gateway {
namespace {

constexpr absl::Duration kLinger = absl::Milliseconds(20);

TEST(RoundPaceTest, AnIdleShardLooksAtOnce) {
  RoundPace pace(kLinger);
  EXPECT_EQ(pace.WaitFor(absl::Seconds(1)), absl::ZeroDuration());
  pace.OnRound(absl::Seconds(1), absl::Seconds(2), /*more=*/false);
  EXPECT_EQ(pace.WaitFor(absl::Seconds(2)), absl::ZeroDuration()) << "however long the last round took";
}

TEST(RoundPaceTest, UnderLoadTheNextRoundWaitsForHalfOfTheLast) {
  RoundPace pace(kLinger);
  const absl::Duration end = absl::Seconds(1) + absl::Milliseconds(8);
  pace.OnRound(absl::Seconds(1), end, /*more=*/true);
  EXPECT_EQ(pace.WaitFor(end), absl::Milliseconds(4));
  EXPECT_EQ(pace.WaitFor(end + absl::Milliseconds(3)), absl::Milliseconds(1));
  EXPECT_EQ(pace.WaitFor(end + absl::Milliseconds(4)), absl::ZeroDuration());
  EXPECT_EQ(pace.WaitFor(end + absl::Seconds(1)), absl::ZeroDuration());
}

TEST(RoundPaceTest, ItNeverWaitsLongerThanTheLinger) {
  RoundPace pace(kLinger);
  pace.OnRound(absl::Seconds(1), absl::Seconds(5), /*more=*/true);
  EXPECT_EQ(pace.WaitFor(absl::Seconds(5)), kLinger);
  RoundPace eager(absl::ZeroDuration());
  eager.OnRound(absl::Seconds(1), absl::Seconds(5), /*more=*/true);
  EXPECT_EQ(eager.WaitFor(absl::Seconds(5)), absl::ZeroDuration());
}

TEST(RoundPaceTest, TheLastRoundAloneDecides) {
  RoundPace pace(kLinger);
  pace.OnRound(absl::Seconds(1), absl::Seconds(5), /*more=*/true);
  pace.OnRound(absl::Seconds(6), absl::Seconds(7), /*more=*/false);
  EXPECT_EQ(pace.WaitFor(absl::Seconds(7)), absl::ZeroDuration());
}

}  // namespace
}  // namespace gateway
