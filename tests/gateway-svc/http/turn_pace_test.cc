#include "gateway-svc/http/turn_pace.h"

#include <optional>

#include "gtest/gtest.h"

namespace gateway {
namespace {

constexpr absl::Duration kBegin = absl::Seconds(100);
const absl::Duration kEnd = kBegin + absl::Milliseconds(1);

TEST(TurnPaceTest, OneSliceServesAllWhoAsk) {
  TurnPace pace;
  EXPECT_TRUE(pace.Ask());
  EXPECT_FALSE(pace.Ask()) << "before it began, or while it lasts";
  EXPECT_EQ(pace.OnSlice(kBegin, kEnd, /*more=*/false), std::nullopt);
  EXPECT_TRUE(pace.Ask());
}

TEST(TurnPaceTest, WhoAsksWhileTheNextSliceIsOnItsWayBringsNoOther) {
  TurnPace pace;
  pace.OnEvents(kBegin);
  EXPECT_TRUE(pace.Ask());
  for (int slice = 0; slice < 3; ++slice) {
    EXPECT_FALSE(pace.Ask());
    EXPECT_EQ(pace.OnSlice(kBegin, kEnd, /*more=*/true), absl::Milliseconds(1));
    EXPECT_FALSE(pace.Ask()) << "in the rest";
  }
  EXPECT_EQ(pace.OnSlice(kBegin, kEnd, /*more=*/false), std::nullopt);
  EXPECT_TRUE(pace.Ask());
}

TEST(TurnPaceTest, WithoutEventsThereIsNoRest) {
  TurnPace pace;
  EXPECT_EQ(pace.OnSlice(kBegin, kEnd, /*more=*/true), absl::ZeroDuration());
  EXPECT_EQ(pace.OnSlice(absl::ZeroDuration(), absl::Milliseconds(1), /*more=*/true), absl::ZeroDuration());
}

TEST(TurnPaceTest, WhereEventsComeTheRestIsAsLongAsTheSlice) {
  TurnPace pace;
  pace.OnEvents(kBegin);
  EXPECT_EQ(pace.OnSlice(kBegin, kEnd, /*more=*/true), absl::Milliseconds(1));
  EXPECT_EQ(pace.OnSlice(kEnd, kEnd + absl::Milliseconds(3), /*more=*/true), absl::Milliseconds(3));
}

TEST(TurnPaceTest, FewWhoCatchUpDoNotFillASliceAndDoNotRest) {
  TurnPace pace;
  pace.OnEvents(kBegin);
  const absl::Duration end = kBegin + TurnPace::kSlice - absl::Microseconds(1);
  EXPECT_EQ(pace.OnSlice(kBegin, end, /*more=*/true), absl::ZeroDuration());
}

TEST(TurnPaceTest, EventsOfLongAgoDoNotCount) {
  TurnPace pace;
  pace.OnEvents(kBegin);
  const absl::Duration later = kBegin + TurnPace::kEventsLast;
  EXPECT_EQ(pace.OnSlice(later - absl::Milliseconds(1), later, /*more=*/true), absl::ZeroDuration());
  pace.OnEvents(later);
  EXPECT_EQ(pace.OnSlice(later, later + absl::Milliseconds(2), /*more=*/true), absl::Milliseconds(2));
}

TEST(TurnPaceTest, WhatOthersTookFromASliceIsNotRepaid) {
  TurnPace pace;
  const absl::Duration end = kBegin + absl::Seconds(5);
  pace.OnEvents(end);
  EXPECT_EQ(pace.OnSlice(kBegin, end, /*more=*/true), TurnPace::kRestMax);
}

}  // namespace
}  // namespace gateway
