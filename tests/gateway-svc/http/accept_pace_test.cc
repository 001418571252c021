#include "gateway-svc/http/accept_pace.h"

#include "gtest/gtest.h"

namespace gateway {
namespace {

// How many are accepted at once.
int TakeAll(AcceptPace& pace, absl::Duration now) {
  int taken = 0;
  while (pace.Take(now) == absl::ZeroDuration()) ++taken;
  return taken;
}

TEST(AcceptPaceTest, ABurstIsOneSecondsWorth) {
  AcceptPace pace(100, absl::Seconds(7));
  EXPECT_EQ(TakeAll(pace, absl::Seconds(7)), 100);
  EXPECT_EQ(TakeAll(pace, absl::Seconds(7.5)), 50);
}

TEST(AcceptPaceTest, RestIsNotSavedUpBeyondABurst) {
  AcceptPace pace(100, absl::ZeroDuration());
  EXPECT_EQ(TakeAll(pace, absl::Hours(1)), 100);
}

TEST(AcceptPaceTest, ThePauseIsUntilTheNextMayCome) {
  AcceptPace pace(2, absl::ZeroDuration());
  EXPECT_EQ(TakeAll(pace, absl::ZeroDuration()), 2);
  EXPECT_EQ(pace.Take(absl::ZeroDuration()), absl::Milliseconds(500));
  EXPECT_EQ(pace.Take(absl::Milliseconds(400)), absl::Milliseconds(100));
  EXPECT_EQ(pace.Take(absl::Milliseconds(500)), absl::ZeroDuration());
}

TEST(AcceptPaceTest, AHerdIsTakenSomeAtATime) {
  AcceptPace pace(5000, absl::ZeroDuration());
  EXPECT_EQ(TakeAll(pace, absl::ZeroDuration()), 5000);
  EXPECT_EQ(pace.Take(absl::ZeroDuration()), AcceptPace::kPauseMin);
  EXPECT_EQ(TakeAll(pace, AcceptPace::kPauseMin), 25);
}

TEST(AcceptPaceTest, WhoDidNotComeIsNotCounted) {
  AcceptPace pace(1, absl::ZeroDuration());
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(pace.Take(absl::ZeroDuration()), absl::ZeroDuration());
    pace.GiveBack();
  }
  EXPECT_EQ(TakeAll(pace, absl::ZeroDuration()), 1);
}

}  // namespace
}  // namespace gateway
