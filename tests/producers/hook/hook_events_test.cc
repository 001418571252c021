#include "producers/hook/hook_events.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr char kPayload[] =
    "{ \"session_id\":\"a1\", \"hook_event_name\" : \"PreToolUse\",\"tool_name\":\"Bash\",\n"
    "  \"tool_input\":{\"session_id\":\"inner\"}, \"n\":1.50, \"n\":\"\\u00e9\", \"tool_use_id\":7 }\n";

Payload Whole(std::string bytes) {
  Payload payload;
  payload.bytes_read = static_cast<int64_t>(bytes.size());
  payload.bytes = std::move(bytes);
  return payload;
}

class HookEventsTest : public testing::Test {
 protected:
  HookEventsTest() {
    options_.source = "/hook";
    options_.time = absl::FromUnixNanos(1'234'567'890'000'000'007);
  }

  v1::Event One(const Payload& payload, HookFault fault = HookFault::kNone) {
    HookEvents hook = MakeHookEvents(payload, options_);
    EXPECT_EQ(fault, hook.fault);
    EXPECT_EQ(1u, hook.events.size());
    return hook.events.at(0);
  }

  HookEventOptions options_;
};

TEST_F(HookEventsTest, PayloadIsKeptByteForByte) {
  const v1::Event event = One(Whole(kPayload));
  EXPECT_EQ(kPayload, event.text());
  EXPECT_EQ("hook.pre_tool_use", event.type());
  EXPECT_EQ("a1", event.subject());
  EXPECT_EQ("/hook", event.source());
  EXPECT_EQ("", event.data_content_type());
  EXPECT_EQ(1'234'567'890, event.time().seconds());
  EXPECT_EQ(7, event.time().nanos());
  EXPECT_THAT(event.attributes(), UnorderedElementsAre(Pair("agent_session_id", "a1"), Pair("tool_name", "Bash")));
}

TEST_F(HookEventsTest, SessionOfTheEnvironmentIsTheSubject) {
  options_.session_id = "outer";
  const v1::Event event = One(Whole(kPayload));
  EXPECT_EQ("outer", event.subject());
  EXPECT_EQ("a1", event.attributes().at("agent_session_id"));
  for (const std::string& illegal : {std::string("a\nb"), std::string("\xff"), std::string(1025, 'x')}) {
    options_.session_id = illegal;
    EXPECT_EQ("a1", One(Whole(kPayload)).subject());
  }
}

TEST_F(HookEventsTest, WhatIsNoNameIsLeftToTheData) {
  const std::string text =
      R"({"session_id":"a\nb","hook_event_name":["Stop"],"tool_name":")" + std::string(1025, 't') + "\"}";
  const v1::Event event = One(Whole(text));
  EXPECT_EQ("hook.unknown", event.type());
  EXPECT_EQ("", event.subject());
  EXPECT_THAT(event.attributes(), UnorderedElementsAre(Pair("agent_session_id", "a\nb")));
  EXPECT_EQ(text, event.text());
}

TEST_F(HookEventsTest, TheLastOfOneNameCounts) {
  EXPECT_EQ("hook.stop", One(Whole(R"({"hook_event_name":"PreCompact","hook_event_name":"Stop"})")).type());
  EXPECT_EQ("hook.unknown", One(Whole(R"({"hook_event_name":"PreCompact","hook_event_name":1})")).type());
}

TEST_F(HookEventsTest, LargePayloadComesInParts) {
  options_.part_bytes_max = 50;
  const HookEvents hook = MakeHookEvents(Whole(kPayload), options_);
  EXPECT_EQ(HookFault::kNone, hook.fault);
  ASSERT_EQ(4u, hook.events.size());
  std::string whole;
  for (size_t i = 0; i < hook.events.size(); ++i) {
    const v1::Event& event = hook.events[i];
    whole += event.text();
    EXPECT_EQ("hook.pre_tool_use", event.type());
    EXPECT_EQ("a1", event.subject());
    EXPECT_EQ("text/plain", event.data_content_type());
    EXPECT_EQ(absl::StrCat(i + 1), event.attributes().at("part"));
    EXPECT_EQ("4", event.attributes().at("parts"));
    EXPECT_EQ(32u, event.attributes().at("payload_id").size());
    EXPECT_EQ(hook.events[0].attributes().at("payload_id"), event.attributes().at("payload_id"));
    EXPECT_EQ("Bash", event.attributes().at("tool_name"));
  }
  EXPECT_EQ(kPayload, whole);
  EXPECT_NE(hook.events[0].attributes().at("payload_id"),
            MakeHookEvents(Whole(kPayload), options_).events[0].attributes().at("payload_id"));
}

TEST_F(HookEventsTest, PartsOfEightMebibytesAreEventsThatTheLogTakes) {
  const std::string payload = R"({"hook_event_name":"PostToolUse","tool_name":"Read","x":")" +
                              std::string(8 * 1024 * 1024 - 59, '\x7e') + "\"}";
  ASSERT_EQ(8u * 1024 * 1024, payload.size());
  options_.session_id = std::string(1024, 's');
  const HookEvents hook = MakeHookEvents(Whole(payload), options_);
  EXPECT_EQ(HookFault::kNone, hook.fault);
  EXPECT_EQ(9u, hook.events.size());
  std::string whole;
  for (const v1::Event& event : hook.events) {
    whole += event.text();
    EXPECT_LE(event.ByteSizeLong(), 1024u * 1024);
  }
  EXPECT_TRUE(payload == whole);
}

TEST_F(HookEventsTest, WhatIsTooLargeIsSaid) {
  Payload payload = Whole(R"({"hook_event_name":"PostToolUse","session_id":"a1","tool_response":"xxx)");
  payload.bytes_read = options_.payload_bytes_max + 1;
  const v1::Event event = One(payload, HookFault::kPayloadTooLarge);
  EXPECT_EQ("hook.post_tool_use", event.type());
  EXPECT_EQ("a1", event.subject());
  EXPECT_EQ(v1::Event::DATA_NOT_SET, event.data_case());
  EXPECT_THAT(event.attributes(),
              UnorderedElementsAre(Pair("reason", "PAYLOAD_TOO_LARGE"), Pair("payload_bytes", "8388609"),
                                   Pair("agent_session_id", "a1")));
}

TEST_F(HookEventsTest, WhatIsNoObjectIsKeptAsBytes) {
  const std::string deep = std::string(300, '[') + std::string(300, ']');
  for (const auto& [bytes, fault, reason] :
       {std::tuple<std::string, HookFault, const char*>{"", HookFault::kInvalidJson, "INVALID_JSON"},
        {"{", HookFault::kInvalidJson, "INVALID_JSON"},
        {"{}x", HookFault::kInvalidJson, "INVALID_JSON"},
        {"{\"a\":\"\xff\"}", HookFault::kInvalidJson, "INVALID_JSON"},
        {"{\"a\":" + deep + "}", HookFault::kInvalidJson, "INVALID_JSON"},
        {std::string("\0\1", 2), HookFault::kInvalidJson, "INVALID_JSON"},
        {"[1]", HookFault::kNotAnObject, "NOT_AN_OBJECT"},
        {" null ", HookFault::kNotAnObject, "NOT_AN_OBJECT"}}) {
    const v1::Event event = One(Whole(bytes), fault);
    EXPECT_EQ("hook.invalid", event.type());
    EXPECT_EQ(v1::Event::kBinary, event.data_case());
    EXPECT_EQ(bytes, event.binary());
    EXPECT_THAT(event.attributes(),
                UnorderedElementsAre(Pair("reason", reason), Pair("payload_bytes", absl::StrCat(bytes.size()))));
  }
}

TEST_F(HookEventsTest, BytesOfWhatIsInvalidHaveABound) {
  options_.part_bytes_max = 10;
  const v1::Event event = One(Whole("{" + std::string(100, 'x')), HookFault::kInvalidJson);
  EXPECT_EQ("{xxxxxxxxx", event.binary());
  EXPECT_EQ("101", event.attributes().at("payload_bytes"));
}

TEST_F(HookEventsTest, InputWithoutEndIsSaidAndJoinsItsSession) {
  Payload payload = Whole(R"({"session_id":"a1","hook_event_name":"Stop")");
  payload.unfinished = true;
  const v1::Event event = One(payload, HookFault::kInputUnfinished);
  EXPECT_EQ("hook.invalid", event.type());
  EXPECT_EQ("a1", event.subject());
  EXPECT_EQ("INPUT_UNFINISHED", event.attributes().at("reason"));
}

TEST_F(HookEventsTest, FaultsHaveNames) { EXPECT_THAT(HookFaultName(HookFault::kNone), IsEmpty()); }

}  // namespace
}  // namespace eventlog
