#include "gateway-svc/http/firehose_request.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace gateway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(FirehoseRequestTest, NothingGivenMeansEverythingFromNowOn) {
  const auto request = ParseFirehoseRequest("");
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->start.kind, StartCursor::Kind::kLatest);
  EXPECT_TRUE(request->filter.empty());
  EXPECT_EQ(request->heartbeat, absl::Seconds(15));
}

TEST(FirehoseRequestTest, ReadsEveryParameter) {
  const auto request =
      ParseFirehoseRequest("cursor=tail%3A5&type=b.c&type=a.*&subject=s+1&source=%2Fx%26y&heartbeat_s=3");
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->start.kind, StartCursor::Kind::kTail);
  EXPECT_EQ(request->start.tail, 5);
  EXPECT_THAT(request->filter.types, ElementsAre("a.*", "b.c"));
  EXPECT_THAT(request->filter.subjects, ElementsAre("s 1"));
  EXPECT_THAT(request->filter.sources, ElementsAre("/x&y"));
  EXPECT_EQ(request->heartbeat, absl::Seconds(3));
}

TEST(FirehoseRequestTest, ReadsEveryCursor) {
  EXPECT_EQ(ParseStartCursor("latest")->kind, StartCursor::Kind::kLatest);
  EXPECT_EQ(ParseStartCursor("earliest")->kind, StartCursor::Kind::kEarliest);
  EXPECT_EQ(ParseStartCursor("tail:0")->tail, 0);
  EXPECT_EQ(ParseStartCursor("time:1970-01-01T01:00:01.5+01:00")->time, absl::UnixEpoch() + absl::Milliseconds(1500));
  const auto cursor = ParseStartCursor("0123456789abcdef:42");
  EXPECT_EQ(cursor->kind, StartCursor::Kind::kCursor);
  EXPECT_EQ(cursor->cursor.epoch, "0123456789abcdef");
  EXPECT_EQ(cursor->cursor.offset, 42);
  EXPECT_EQ(ParseStartCursor("0123456789abcdef:-1")->cursor.offset, -1);
}

TEST(FirehoseRequestTest, ACursorThatIsFormattedIsRead) {
  EXPECT_EQ(ParseStartCursor(FormatCursor("0123456789abcdef", 0))->cursor.offset, -1);
  EXPECT_EQ(ParseStartCursor(FormatCursor("0123456789abcdef", 10))->cursor.offset, 9);
}

struct BadQuery {
  const char* query;
  const char* named;  // what the message must name
};

class FirehoseRequestRefusalTest : public testing::TestWithParam<BadQuery> {};

TEST_P(FirehoseRequestRefusalTest, NamesTheParameter) {
  const auto request = ParseFirehoseRequest(GetParam().query);
  ASSERT_FALSE(request.ok()) << GetParam().query;
  EXPECT_EQ(request.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(request.status().message()), HasSubstr(GetParam().named));
}

INSTANTIATE_TEST_SUITE_P(
    All, FirehoseRequestRefusalTest,
    testing::Values(BadQuery{"colour=red", "unknown parameter \"colour\"; allowed are cursor, type"},
                    BadQuery{"Cursor=latest", "Cursor"}, BadQuery{"mode=fast", "mode"},
                    BadQuery{"cursor=latest&cursor=latest", "cursor: may be given once"},
                    BadQuery{"cursor=latest&cursor=tail:5", "cursor: may be given once"},
                    BadQuery{"heartbeat_s=1&heartbeat_s=2", "heartbeat_s: may be given once"},
                    BadQuery{"cursor=", "cursor"}, BadQuery{"cursor", "cursor"}, BadQuery{"cursor=tail:-1", "tail:N"},
                    BadQuery{"cursor=tail:x", "tail:N"}, BadQuery{"cursor=time:now", "time:"},
                    BadQuery{"cursor=time:infinite-future", "time:"}, BadQuery{"cursor=42", "cursor"},
                    BadQuery{"cursor=0123456789abcde:42", "cursor"}, BadQuery{"cursor=0123456789ABCDEF:42", "cursor"},
                    BadQuery{"cursor=0123456789abcdef:-2", "cursor"},
                    BadQuery{"cursor=0123456789abcdef:9223372036854775807", "cursor"},
                    BadQuery{"type=", "type: an empty value"}, BadQuery{"type=a*", "type"},
                    BadQuery{"type=*.b", "type"}, BadQuery{"type=.*", "type"}, BadQuery{"subject=", "subject"},
                    BadQuery{"source=", "source"}, BadQuery{"heartbeat_s=0", "heartbeat_s"},
                    BadQuery{"heartbeat_s=1.5", "heartbeat_s"}, BadQuery{"heartbeat_s=3601", "1 to 3600"},
                    BadQuery{"cursor=tail:+5", "tail:N"}, BadQuery{"cursor=tail:%205", "tail:N"},
                    BadQuery{"cursor=0123456789abcdef:+4", "cursor"}, BadQuery{"heartbeat_s=%2B5", "heartbeat_s"},
                    BadQuery{"subject=%FF", "not UTF-8: \"\\xff\""}, BadQuery{"%ed%a0%80=x", "not UTF-8"},
                    BadQuery{"subject=%zz", "percent"}, BadQuery{"subject=%a", "percent"}));

TEST(FirehoseRequestTest, LimitsHoldForValues) {
  EXPECT_TRUE(ParseFirehoseRequest("subject=" + std::string(1024, 'x')).ok());
  EXPECT_FALSE(ParseFirehoseRequest("subject=" + std::string(1025, 'x')).ok());
  std::string many;
  for (int i = 0; i < 100; ++i) many += "&subject=" + std::to_string(i);
  EXPECT_TRUE(ParseFirehoseRequest(many).ok());
  EXPECT_FALSE(ParseFirehoseRequest(many + "&subject=more").ok());
}

}  // namespace
}  // namespace gateway
