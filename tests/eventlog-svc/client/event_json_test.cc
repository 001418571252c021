#include "eventlog-svc/client/event_json.h"

#include <string>

#include "eventlog-svc/client/json_text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string ToJson(const v1::Event& event, bool line = false) {
  v1::Record record;
  *record.mutable_event() = event;
  record.set_offset(42);
  record.mutable_append_time()->set_seconds(1);
  std::string out;
  AppendEventJson(record, line, out);
  EXPECT_TRUE(IsJson(out)) << out;
  return out;
}

v1::Event TextEvent(const std::string& text, const std::string& content_type = "") {
  v1::Event event;
  event.set_type("t");
  event.set_text(text);
  event.set_data_content_type(content_type);
  return event;
}

std::string Rfc3339(int64_t seconds, int32_t nanos) {
  google::protobuf::Timestamp time;
  time.set_seconds(seconds);
  time.set_nanos(nanos);
  std::string out;
  AppendRfc3339(time, out);
  return out;
}

TEST(EventJsonTest, HasTheOneForm) {
  v1::Event event = TextEvent("{\"a\": 1}");
  event.set_id("i");
  event.set_subject("s");
  event.set_source("/x");
  event.mutable_time()->set_nanos(5'000'000);
  (*event.mutable_attributes())["k2"] = "v2";
  (*event.mutable_attributes())["k1"] = "v1";
  EXPECT_EQ(ToJson(event),
            "{\"offset\":42,\"id\":\"i\",\"time\":\"1970-01-01T00:00:00.005Z\",\"type\":\"t\",\"subject\":\"s\","
            "\"source\":\"/x\",\"attributes\":{\"k1\":\"v1\",\"k2\":\"v2\"},\"data\":{\"a\": 1}}");
}

TEST(EventJsonTest, WhatIsEmptyIsLeftOutAndTheAppendTimeStandsIn) {
  v1::Event event;
  event.set_type("t");
  EXPECT_EQ(ToJson(event),
            "{\"offset\":42,\"id\":\"\",\"time\":\"1970-01-01T00:00:01Z\",\"type\":\"t\",\"source\":\"/\"}");
}

TEST(EventJsonTest, JsonIsEmbeddedByteForByte) {
  for (const char* type : {"", "application/json", "application/json; charset=utf-8", "Application/JSON", "a/b+json"}) {
    EXPECT_THAT(ToJson(TextEvent("[ 1.50,\n2 ]", type)), HasSubstr(",\"data\":[ 1.50,\n2 ]}")) << type;
  }
}

TEST(EventJsonTest, OtherTextAndInvalidJsonBecomeDataText) {
  EXPECT_THAT(ToJson(TextEvent("1", "text/plain")), HasSubstr(",\"data_text\":\"1\"}"));
  EXPECT_THAT(ToJson(TextEvent("1", "application/jsonp")), HasSubstr(",\"data_text\":\"1\"}"));
  EXPECT_THAT(ToJson(TextEvent("{},\"x\":{}")), HasSubstr(R"(,"data_text":"{},\"x\":{}"})"));
  EXPECT_THAT(ToJson(TextEvent("")), HasSubstr(",\"data_text\":\"\"}"));
}

TEST(EventJsonTest, BytesBecomeBase64) {
  v1::Event event = TextEvent("");
  event.set_binary(std::string("\0\xff", 2));
  EXPECT_THAT(ToJson(event), HasSubstr(",\"data_base64\":\"AP8=\"}"));
}

TEST(EventJsonTest, ALineStaysOneLine) {
  const std::string json = ToJson(TextEvent("{\r\n\"a\":\"\\n\"\n}"), /*line=*/true);
  EXPECT_THAT(json, Not(HasSubstr("\n")));
  EXPECT_THAT(json, HasSubstr("{  \"a\":\"\\n\" }"));
}

TEST(EventJsonTest, HostileNamesStayInTheirStrings) {
  v1::Event event = TextEvent("\"},{\"", "x\",\"data\":1");
  event.set_id("\",\"offset\":1,\"");
  event.set_subject(std::string("\0\n", 2));
  (*event.mutable_attributes())["\"}"] = "\\\"";
  const std::string json = ToJson(event, /*line=*/true);
  const auto members = JsonMembers(json);
  ASSERT_TRUE(members.has_value());
  EXPECT_EQ(members->size(), 9u);
  EXPECT_THAT(json, Not(HasSubstr("\n")));
}

TEST(EventJsonTest, TimesHaveTheDigitsThatTheyNeed) {
  EXPECT_EQ(Rfc3339(1'767'323'045, 0), "2026-01-02T03:04:05Z");
  EXPECT_EQ(Rfc3339(1'767'323'045, 678'000'000), "2026-01-02T03:04:05.678Z");
  EXPECT_EQ(Rfc3339(1'767'323'045, 1), "2026-01-02T03:04:05.000000001Z");
  EXPECT_EQ(Rfc3339(-1, 0), "1969-12-31T23:59:59Z");
  EXPECT_EQ(Rfc3339(1'767'323'045, 1'000'000), "2026-01-02T03:04:05.001Z");
  EXPECT_EQ(Rfc3339(-62'135'596'800, 0), "0001-01-01T00:00:00Z");
  EXPECT_EQ(Rfc3339(253'402'300'799, 999'999'999), "9999-12-31T23:59:59.999999999Z");
  EXPECT_EQ(Rfc3339(-62'135'596'801, 0), "0000-12-31T23:59:59Z");
  EXPECT_EQ(Rfc3339(253'402'300'800, 0), "10000-01-01T00:00:00Z");
  EXPECT_EQ(Rfc3339(0, -1), "1969-12-31T23:59:59.999999999Z");
}

TEST(EventJsonTest, WhatIsPrintedIsReadBack) {
  v1::Event event = TextEvent("{\"n\":1.0, \"u\":\"\\u00e9\"}", "application/json");
  event.set_id("i\n");
  event.set_subject("s\"");
  event.set_source("/\xe2\x80\xa8");
  event.mutable_time()->set_seconds(-5);
  event.mutable_time()->set_nanos(123'456'789);
  (*event.mutable_attributes())["a.b"] = "\t";
  const auto read = ParseEventJson(ToJson(event));
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->DebugString(), event.DebugString());
}

TEST(EventJsonTest, TextAndBytesAreReadBack) {
  EXPECT_EQ(ParseEventJson(R"({"type":"t","data_text":"1"})")->data_content_type(), "text/plain");
  EXPECT_EQ(ParseEventJson(R"({"data_content_type":"text/html","type":"t","data_text":"1"})")->data_content_type(),
            "text/html");
  EXPECT_EQ(ParseEventJson(R"({"type":"t","data_base64":"AP8="})")->binary(), std::string("\0\xff", 2));
  EXPECT_EQ(ParseEventJson(R"({"type":"t"})")->data_case(), v1::Event::DATA_NOT_SET);
}

TEST(EventJsonTest, ErrorsNameTheField) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"typ":"t"})", "\"typ\""},
      {R"({"subject":"s"})", "\"type\": missing"},
      {R"({"type":1})", "\"type\""},
      {R"({"type":"t","type":"u"})", "\"type\": given twice"},
      {R"({"type":"t","attributes":[]})", "\"attributes\""},
      {R"({"type":"t","attributes":{"k":1}})", "\"attributes.k\""},
      {R"({"type":"t","time":"yesterday"})", "\"time\""},
      {R"({"type":"t","time":"infinite-future"})", "\"time\""},
      {R"({"type":"t","time":"12026-01-01T00:00:00Z"})", "\"time\""},
      {R"({"type":"t","data_base64":"*"})", "\"data_base64\""},
      {R"({"type":"t","data":1,"data_text":"1"})", "\"data\""},
      {R"({"type":"t","offset":"1"})", "\"offset\""},
      {R"(["type"])", "object"},
      {R"({"type":"t"} x)", "object"},
  };
  for (const auto& [json, name] : cases) {
    EXPECT_THAT(ParseEventJson(json), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(name))) << json;
  }
}

}  // namespace
}  // namespace eventlog
