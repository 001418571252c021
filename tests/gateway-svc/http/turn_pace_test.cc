#include "gateway-svc/http/turn_pace.h"

#include "gtest/gtest.h"

namespace gateway {
namespace {

constexpr absl::Duration kBegin = absl::Seconds(100);
const absl::Duration kEnd = kBegin + absl::Milliseconds(1);

TEST(TurnPaceTest, WithoutEventsNobodyRests) {
  TurnPace pace;
  EXPECT_EQ(pace.RestAfter(kBegin, kEnd), absl::ZeroDuration());
  EXPECT_EQ(pace.RestAfter(absl::ZeroDuration(), absl::Milliseconds(1)), absl::ZeroDuration());
}

TEST(TurnPaceTest, WhereEventsComeTheRestIsAsLongAsTheTurns) {
  TurnPace pace;
  pace.OnEvents(kBegin);
  EXPECT_EQ(pace.RestAfter(kBegin, kEnd), absl::Milliseconds(1));
  EXPECT_EQ(pace.RestAfter(kEnd, kEnd + absl::Milliseconds(3)), absl::Milliseconds(3));
}

TEST(TurnPaceTest, EventsOfLongAgoDoNotCount) {
  TurnPace pace;
  pace.OnEvents(kBegin);
  const absl::Duration later = kBegin + TurnPace::kEventsLast;
  EXPECT_EQ(pace.RestAfter(later - absl::Milliseconds(1), later), absl::ZeroDuration());
  pace.OnEvents(later);
  EXPECT_EQ(pace.RestAfter(later, later + absl::Milliseconds(2)), absl::Milliseconds(2));
}

}  // namespace
}  // namespace gateway
