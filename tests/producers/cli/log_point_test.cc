#include "producers/cli/log_point.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1'000'000);

absl::Time TimeOf(absl::string_view text) {
  const auto point = ParseLogPoint("since", text, kNow);
  EXPECT_THAT(point, IsOk());
  EXPECT_FALSE(point.ok() && point->offset.has_value());
  return point.ok() ? point->time.value_or(absl::InfinitePast()) : absl::InfinitePast();
}

TEST(LogPointTest, AnOffsetIsAPlainNumber) {
  EXPECT_EQ(ParseLogPoint("since", "42", kNow)->offset, 42);
  EXPECT_FALSE(ParseLogPoint("since", "42", kNow)->time.has_value());
  EXPECT_EQ(ParseLogPoint("since", "0", kNow)->offset, 0);
}

TEST(LogPointTest, ATimeIsRfc3339) {
  EXPECT_EQ(TimeOf("1970-01-01T00:00:01Z"), absl::FromUnixSeconds(1));
  EXPECT_EQ(TimeOf("1970-01-01T01:00:01.5+01:00"), absl::FromUnixMillis(1500));
}

TEST(LogPointTest, ADurationIsHowLongAgo) {
  EXPECT_EQ(TimeOf("10m"), kNow - absl::Minutes(10));
  EXPECT_EQ(TimeOf("1h30m"), kNow - absl::Minutes(90));
  EXPECT_EQ(TimeOf("500ms"), kNow - absl::Milliseconds(500));
  EXPECT_EQ(TimeOf("2d"), kNow - absl::Hours(48));
  EXPECT_EQ(TimeOf("0s"), kNow);
}

TEST(LogPointTest, WhatIsNoneOfThemNamesTheFlagAndWhatIsRight) {
  for (const char* wrong : {"", "-1", "-10m", "yesterday", "1.5", "inf", "infinite-past", "10x", "d", "2026-01-02",
                            "99999999999999999999"}) {
    EXPECT_THAT(ParseLogPoint("until", wrong, kNow),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--until=")))
        << wrong;
  }
}

TEST(LogPointTest, TimestampsKeepTheNanoseconds) {
  EXPECT_EQ(ToTimestamp(absl::FromUnixNanos(1'500'000'001)).seconds(), 1);
  EXPECT_EQ(ToTimestamp(absl::FromUnixNanos(1'500'000'001)).nanos(), 500'000'001);
  EXPECT_EQ(ToTimestamp(absl::FromUnixNanos(-1)).seconds(), -1);
  EXPECT_EQ(ToTimestamp(absl::FromUnixNanos(-1)).nanos(), 999'999'999);
}

}  // namespace
}  // namespace eventlog
