#include "gateway-svc/http/stream_cursor.h"

#include <limits>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace gateway {
namespace {

using testing::StartsWith;

TEST(StreamCursorTest, WhatIsWrittenIsReadBack) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 10'000; ++i) {
    const std::string epoch = absl::StrFormat("%016x", random());
    const auto next_offset = static_cast<int64_t>(random() >> (1 + random() % 63));
    const absl::StatusOr<Cursor> cursor = ParseCursor("after", FormatCursor(epoch, next_offset));
    ASSERT_TRUE(cursor.ok()) << cursor.status();
    ASSERT_EQ(cursor->epoch, epoch);
    ASSERT_EQ(cursor->offset, next_offset - 1);
    const std::string text = FormatCursor(epoch, next_offset);
    ASSERT_EQ(ParseStartCursor(text)->kind, StartCursor::Kind::kCursor);
    ASSERT_EQ(ParseStartCursor(text)->cursor.offset, next_offset - 1);
    ASSERT_EQ(ParseUntilCursor(text)->kind, UntilCursor::Kind::kCursor);
    ASSERT_EQ(ParseUntilCursor(text)->cursor.epoch, epoch);
  }
}

TEST(StreamCursorTest, BeforeTheFirstIsMinusOneAndNothingElseIsNegative) {
  EXPECT_EQ(ParseCursor("c", "0123456789abcdef:-1")->offset, -1);
  EXPECT_FALSE(ParseCursor("c", "0123456789abcdef:-2").ok());
  EXPECT_FALSE(ParseCursor("c", "0123456789abcdef:-01").ok());
}

TEST(StreamCursorTest, TheOffsetBehindACursorIsANumberToo) {
  EXPECT_EQ(ParseCursor("c", "0123456789abcdef:9223372036854775805")->offset, std::numeric_limits<int64_t>::max() - 2);
  EXPECT_FALSE(ParseCursor("c", "0123456789abcdef:9223372036854775806").ok()) << "its end would be never";
  EXPECT_FALSE(ParseCursor("c", "0123456789abcdef:9223372036854775807").ok());
  EXPECT_FALSE(ParseCursor("c", "0123456789abcdef:99999999999999999999").ok());
}

TEST(StreamCursorTest, WhatIsNoCursorIsRefusedInTheNameOfItsField) {
  for (const char* bad : {"", ":", "0123456789abcdef", "0123456789abcdef:", "0123456789ABCDEF:1", "0123456789abcde:1",
                          "0123456789abcdef0:1", "0123456789abcdeg:1", "0123456789abcdef:+1", "0123456789abcdef: 1",
                          "0123456789abcdef:1 ", "0123456789abcdef:1:2", "0123456789abcdef:0x1", "latest"}) {
    const absl::StatusOr<Cursor> cursor = ParseCursor("before", bad);
    ASSERT_FALSE(cursor.ok()) << bad;
    EXPECT_EQ(cursor.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(cursor.status().message()), StartsWith("before: "));
  }
}

TEST(StreamCursorTest, StartsHaveTheirWords) {
  EXPECT_EQ(ParseStartCursor("latest")->kind, StartCursor::Kind::kLatest);
  EXPECT_EQ(ParseStartCursor("earliest")->kind, StartCursor::Kind::kEarliest);
  EXPECT_EQ(ParseStartCursor("tail:0")->tail, 0);
  EXPECT_EQ(ParseStartCursor("tail:25")->kind, StartCursor::Kind::kTail);
  EXPECT_EQ(ParseStartCursor("tail:25")->tail, 25);
  for (const char* bad : {"tail:", "tail:-1", "tail:+1", "tail:1e3", "tail:99999999999999999999", "Latest", "caught_up",
                          "time:", "time:yesterday", "time:infinite-future", "time:infinite-past", "time:2024-08-01",
                          "time:2024-08-01T12:00:00", "time:2024-02-30T12:00:00Z"}) {
    EXPECT_FALSE(ParseStartCursor(bad).ok()) << bad;
  }
}

TEST(StreamCursorTest, EndsHaveTheirWords) {
  EXPECT_EQ(ParseUntilCursor("caught_up")->kind, UntilCursor::Kind::kCaughtUp);
  for (const char* bad : {"", "latest", "earliest", "tail:3", "never", "time:infinite-future", "time:x"}) {
    const absl::StatusOr<UntilCursor> until = ParseUntilCursor(bad);
    ASSERT_FALSE(until.ok()) << bad;
    EXPECT_THAT(std::string(until.status().message()), StartsWith("until: "));
  }
}

TEST(StreamCursorTest, TimesAreInstantsWhateverTheirZone) {
  const absl::Time noon = absl::FromUnixSeconds(1'722'513'600);
  for (const char* same :
       {"time:2024-08-01T12:00:00Z", "time:2024-08-01T14:00:00+02:00", "time:2024-08-01T06:30:00-05:30"}) {
    EXPECT_EQ(ParseStartCursor(same)->time, noon) << same;
    EXPECT_EQ(ParseUntilCursor(same)->time, noon) << same;
    EXPECT_EQ(ParseUntilCursor(same)->kind, UntilCursor::Kind::kTime);
  }
  EXPECT_EQ(ParseStartCursor("time:2024-08-01T12:00:00.000000001Z")->time, noon + absl::Nanoseconds(1));
}

}  // namespace
}  // namespace gateway
