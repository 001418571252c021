#include "gateway-svc/http/client_message.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace gateway {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Kind = ClientMessage::Kind;

ClientMessage Read(absl::string_view text) {
  const ParsedClientMessage parsed = ParseClientMessage(text);
  EXPECT_TRUE(parsed.status.ok()) << parsed.status;
  return parsed.message;
}

std::string Refusal(absl::string_view text) {
  const ParsedClientMessage parsed = ParseClientMessage(text);
  EXPECT_EQ(parsed.status.code(), absl::StatusCode::kInvalidArgument) << text;
  return std::string(parsed.status.message());
}

TEST(ClientMessageTest, OptionsReplaceWhatTheyName) {
  const ClientMessage all =
      Read(R"({"type":"options","id":"o","filter":{"types":["b.x","b.*","a"],"subjects":"s","sources":["/"],)"
           R"("attributes":{"k":["v","u"],"l":"w"}},"delivery":{"mode":"sample","batch_max":3,"linger_ms":0,)"
           R"("on_gap":"fail"},"heartbeat_s":7})");
  EXPECT_EQ(all.kind, Kind::kOptions);
  EXPECT_EQ(all.filter->types, (std::vector<std::string>{"a", "b.*"})) << "normalized";
  EXPECT_EQ(all.filter->subjects, std::vector<std::string>{"s"});
  EXPECT_EQ(all.filter->sources, std::vector<std::string>{"/"});
  EXPECT_EQ(all.filter->attributes.at("k"), (std::vector<std::string>{"u", "v"}));
  EXPECT_EQ(all.filter->attributes.at("l"), std::vector<std::string>{"w"});
  EXPECT_EQ(all.delivery->mode(), DeliveryMode::kSample);
  EXPECT_EQ(all.delivery->batch_max(), 3);
  EXPECT_EQ(all.delivery->linger(), absl::ZeroDuration());
  EXPECT_TRUE(all.delivery->fail_on_gap());
  EXPECT_EQ(all.heartbeat, absl::Seconds(7));
  const ClientMessage one = Read(R"({"type":"options","heartbeat_s":1})");
  EXPECT_FALSE(one.filter.has_value());
  EXPECT_FALSE(one.delivery.has_value());
  EXPECT_TRUE(Read(R"({"type":"options","filter":{}})").filter->empty()) << "an empty filter takes all again";
  EXPECT_FALSE(Read(R"({"type":"options","delivery":{"linger_ms":null}})").delivery->linger().has_value());
}

TEST(ClientMessageTest, AFetchHasOnePlace) {
  const ClientMessage before = Read(R"({"type":"fetch","before":"00000000000000aa:7","limit":1000})");
  EXPECT_EQ(before.kind, Kind::kFetch);
  EXPECT_EQ(before.direction, FetchDirection::kBefore);
  EXPECT_EQ(before.cursor.epoch, "00000000000000aa");
  EXPECT_EQ(before.cursor.offset, 7);
  EXPECT_EQ(before.limit, 1000);
  const ClientMessage after = Read(R"({"type":"fetch","after":"00000000000000aa:-1"})");
  EXPECT_EQ(after.direction, FetchDirection::kAfter);
  EXPECT_EQ(after.cursor.offset, -1);
  EXPECT_EQ(after.limit, 100);
  EXPECT_THAT(Refusal(R"({"type":"fetch"})"), HasSubstr("before and after"));
  EXPECT_THAT(Refusal(R"({"type":"fetch","before":"00000000000000aa:7","after":"00000000000000aa:7"})"),
              HasSubstr("before and after"));
  for (const char* limit : {"0", "-1", "1001", "1.5", "1e2", "\"5\"", "null", "18446744073709551615"}) {
    EXPECT_THAT(Refusal(absl::StrCat(R"({"type":"fetch","after":"00000000000000aa:7","limit":)", limit, "}")),
                StartsWith("limit: "));
  }
  EXPECT_THAT(Refusal(R"({"type":"fetch","before":"latest"})"), StartsWith("before: "));
  EXPECT_THAT(Refusal(R"({"type":"fetch","before":7})"), StartsWith("before: "));
}

TEST(ClientMessageTest, BareMessagesAreBare) {
  EXPECT_EQ(Read(R"({"type":"ping"})").kind, Kind::kPing);
  EXPECT_EQ(Read(R"( {"id":"x", "type":"pause"} )").kind, Kind::kPause);
  EXPECT_EQ(Read(R"({"type":"resume"})").kind, Kind::kResume);
  for (const char* type : {"ping", "pause", "resume"}) {
    EXPECT_THAT(Refusal(absl::StrCat(R"({"type":")", type, R"(","limit":1})")), StartsWith(type));
  }
}

TEST(ClientMessageTest, TheIdIsKnownAlsoWhereTheRestIsRefused) {
  EXPECT_EQ(ParseClientMessage(R"({"type":"dance","id":"d1"})").id, "d1");
  EXPECT_EQ(ParseClientMessage(R"({"id":"","type":"ping"})").id, "");
  EXPECT_EQ(ParseClientMessage(R"({"type":"options","heartbeat_s":0,"id":"late"})").id, "late");
  EXPECT_FALSE(ParseClientMessage(R"({"type":"ping"})").id.has_value());
  EXPECT_EQ(ParseClientMessage(absl::StrCat(R"({"type":"ping","id":")", std::string(128, 'i'), "\"}")).id->size(),
            128u);
  for (const std::string& bad : {std::string("7"), std::string("null"), "\"" + std::string(129, 'i') + "\""}) {
    EXPECT_THAT(Refusal(absl::StrCat(R"({"type":"ping","id":)", bad, "}")), StartsWith("id: "));
    EXPECT_FALSE(ParseClientMessage(absl::StrCat(R"({"type":"ping","id":)", bad, "}")).id.has_value());
  }
}

TEST(ClientMessageTest, WhatIsNotUnderstoodIsRefusedInWords) {
  for (const char* bad : {"", "[]", "7", "\"ping\"", "null", "{", "{}{}", R"({"type":"ping"} x)", "\xEF\xBB\xBF{}"}) {
    EXPECT_THAT(Refusal(bad), StartsWith("a message is one JSON object")) << bad;
  }
  for (const char* bad : {"{}", R"({"type":7})", R"({"type":null})", R"({"type":"Ping"})", R"({"type":"hello"})"}) {
    EXPECT_THAT(Refusal(bad), StartsWith("type: ")) << bad;
  }
  EXPECT_THAT(Refusal(std::string(50'000, '[')), StartsWith("a message is one JSON object")) << "deep, but no crash";
}

TEST(ClientMessageTest, OptionsAreReadStrictly) {
  const std::vector<std::pair<std::string, std::string>> refused = {
      {"", "options: nothing"},
      {R"(,"filters":{})", "options: unknown member \"filters\""},
      {R"(,"filter":[])", "filter: must be an object"},
      {R"(,"filter":null)", "filter: must be an object"},
      {R"(,"filter":{"type":["a"]})", "filter: unknown member \"type\""},
      {R"(,"filter":{"types":[7]})", "types: must be a string"},
      {R"(,"filter":{"types":7})", "types: must be a list"},
      {R"(,"filter":{"types":["*"]})", "type: "},
      {R"(,"filter":{"subjects":[""]})", "subject: "},
      {R"(,"filter":{"attributes":[]})", "attributes: "},
      {R"(,"filter":{"attributes":{"K":"v"}})", "attr.<key>: "},
      {R"(,"filter":{"attributes":{"k":7}})", "attributes: "},
      {R"(,"delivery":7)", "delivery: must be an object"},
      {R"(,"delivery":{"batch":1})", "delivery: unknown member \"batch\""},
      {R"(,"delivery":{"batch_max":null})", "batch_max: "},
      {R"(,"delivery":{"batch_max":10001})", "batch_max: "},
      {R"(,"delivery":{"linger_ms":10001})", "linger_ms: "},
      {R"(,"delivery":{"mode":1})", "mode: "},
      {R"(,"delivery":{"on_gap":"maybe"})", "on_gap: "},
      {R"(,"heartbeat_s":"15")", "heartbeat_s: "},
      {R"(,"heartbeat_s":3601)", "heartbeat_s: "}};
  for (const auto& [members, words] : refused) {
    EXPECT_THAT(Refusal(absl::StrCat(R"({"type":"options")", members, "}")), StartsWith(words)) << members;
  }
}

TEST(ClientMessageTest, ARefusalIsShortAndPrintableWhateverTheInput) {
  const std::string words = Refusal(absl::StrCat(R"({"type":")", std::string(60'000, 'x'), "\"}"));
  EXPECT_LT(words.size(), 200u);
  EXPECT_THAT(Refusal("{\"type\":\"a\\u0000\\u001b\"}"), HasSubstr("\\x00\\x1b"));
}

}  // namespace
}  // namespace gateway
