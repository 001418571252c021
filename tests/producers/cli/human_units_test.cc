#include "producers/cli/human_units.h"

#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::HasSubstr;

TEST(HumanUnitsTest, DurationsHaveUnits) {
  EXPECT_THAT(ParseDuration("0"), IsOkAndHolds(absl::ZeroDuration()));
  EXPECT_THAT(ParseDuration("250ms"), IsOkAndHolds(absl::Milliseconds(250)));
  EXPECT_THAT(ParseDuration("90s"), IsOkAndHolds(absl::Seconds(90)));
  EXPECT_THAT(ParseDuration("1h30m"), IsOkAndHolds(absl::Minutes(90)));
  EXPECT_THAT(ParseDuration("1.5h"), IsOkAndHolds(absl::Minutes(90)));
  EXPECT_THAT(ParseDuration("7d"), IsOkAndHolds(absl::Hours(168)));
  EXPECT_THAT(ParseDuration("2w"), IsOkAndHolds(absl::Hours(336)));
}

TEST(HumanUnitsTest, WhatIsNoDurationIsRefusedWithWhatIsRight) {
  for (const char* text :
       {"", "7", "d", "7x", "7 d", "-1s", "1e3s", "1.s", ".5s", "1..5s", "1hm", "7D", "inf", "0x1s"}) {
    EXPECT_THAT(ParseDuration(text),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("right is a number with ms, s, m, h, d or w")))
        << text;
  }
  EXPECT_THAT(ParseDuration("999999w"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("too long")));
}

TEST(HumanUnitsTest, SizesAreOfTwosAndOfTens) {
  EXPECT_THAT(ParseByteSize("0"), IsOkAndHolds(0));
  EXPECT_THAT(ParseByteSize("4096"), IsOkAndHolds(4096));
  EXPECT_THAT(ParseByteSize("512B"), IsOkAndHolds(512));
  EXPECT_THAT(ParseByteSize("64KiB"), IsOkAndHolds(65'536));
  EXPECT_THAT(ParseByteSize("64kib"), IsOkAndHolds(65'536));
  EXPECT_THAT(ParseByteSize("10GB"), IsOkAndHolds(10'000'000'000));
  EXPECT_THAT(ParseByteSize("10GiB"), IsOkAndHolds(10'737'418'240));
  EXPECT_THAT(ParseByteSize("1.5MiB"), IsOkAndHolds(1'572'864));
  EXPECT_THAT(ParseByteSize("9223372036854775807"), IsOkAndHolds(std::numeric_limits<int64_t>::max()));
}

TEST(HumanUnitsTest, WhatIsNoSizeIsRefusedWithWhatIsRight) {
  for (const char* text : {"", "GiB", "10G", "10 GiB", "-1", "1e9", "ten", "10GiBs"}) {
    EXPECT_THAT(ParseByteSize(text),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("right is a number of bytes")))
        << text;
  }
  EXPECT_THAT(ParseByteSize("8388608TiB"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("too large")));
  EXPECT_THAT(ParseByteSize("9223372036854775808"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("too large")));
}

TEST(HumanUnitsTest, TimesAreSaidOrAreSoLongAgo) {
  const absl::Time now = absl::FromUnixSeconds(1'000'000);
  EXPECT_THAT(ParseTimeOrAge("now", now), IsOkAndHolds(now));
  EXPECT_THAT(ParseTimeOrAge("2h", now), IsOkAndHolds(now - absl::Hours(2)));
  EXPECT_THAT(ParseTimeOrAge("1970-01-01T00:00:05.5Z", now), IsOkAndHolds(absl::FromUnixMillis(5500)));
  EXPECT_THAT(ParseTimeOrAge("1970-01-01T01:00:05+01:00", now), IsOkAndHolds(absl::FromUnixSeconds(5)));
  for (const char* text : {"", "yesterday", "2026-01-02", "infinite-future", "infinite-past", "-2h", "7"}) {
    EXPECT_THAT(ParseTimeOrAge(text, now),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("right is 2026-01-02T03:04:05Z")))
        << text;
  }
}

TEST(HumanUnitsTest, DurationsAreReadAtAGlance) {
  EXPECT_EQ(DurationText(absl::ZeroDuration()), "0s");
  EXPECT_EQ(DurationText(absl::Microseconds(10)), "0s");
  EXPECT_EQ(DurationText(absl::Milliseconds(250)), "250ms");
  EXPECT_EQ(DurationText(absl::Milliseconds(1250)), "1s250ms");
  EXPECT_EQ(DurationText(absl::Hours(168)), "7d");
  EXPECT_EQ(DurationText(absl::Seconds(5430)), "1h30m");
  EXPECT_EQ(DurationText(absl::Seconds(3630)), "1h");
  EXPECT_EQ(DurationText(absl::Hours(49) + absl::Minutes(5)), "2d1h");
  EXPECT_EQ(DurationText(absl::Seconds(-90)), "-1m30s");
}

TEST(HumanUnitsTest, TablesHaveNoFractionsOfSeconds) {
  google::protobuf::Timestamp time;
  time.set_seconds(1'767'323'045);
  time.set_nanos(678'901'234);
  EXPECT_EQ(TimestampText(time), "2026-01-02T03:04:05Z");
}

TEST(HumanUnitsTest, SizesAreReadAtAGlance) {
  EXPECT_EQ(ByteSizeText(0), "0 B");
  EXPECT_EQ(ByteSizeText(1023), "1023 B");
  EXPECT_EQ(ByteSizeText(1024), "1.0 KiB");
  EXPECT_EQ(ByteSizeText(1024 * 1024 - 1), "1.0 MiB");
  EXPECT_EQ(ByteSizeText(10'737'418'240), "10.0 GiB");
  EXPECT_EQ(ByteSizeText(std::numeric_limits<int64_t>::max()), "8.0 EiB");
}

TEST(HumanUnitsTest, LongNumbersHaveThousands) {
  EXPECT_EQ(WithThousands(0), "0");
  EXPECT_EQ(WithThousands(999), "999");
  EXPECT_EQ(WithThousands(1'000), "1,000");
  EXPECT_EQ(WithThousands(-1'234'567), "-1,234,567");
  EXPECT_EQ(WithThousands(-123), "-123");
}

}  // namespace
}  // namespace eventlog
