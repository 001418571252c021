#include "gateway-svc/http/server_message.h"

#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace gateway {
namespace {

TEST(ServerMessageTest, StringsAreEscaped) {
  EXPECT_EQ(JsonString("plain ü"), "\"plain ü\"");
  EXPECT_EQ(JsonString(absl::string_view("\"\\\n\x1f\0", 5)), R"("\"\\\u000a\u001f\u0000")");
}

TEST(ServerMessageTest, HelloSaysEverything) {
  Hello hello;
  hello.connection = "c1";
  hello.log = "events";
  hello.epoch = "e";
  hello.log_start = 3;
  hello.log_head = 9;
  hello.next_offset = 5;
  hello.filter.types = {"a.*", "b"};
  hello.filter.subjects = {"\"s\""};
  hello.filter.attributes = {{"k", {"v"}}};
  hello.until = "e:8";
  hello.client_messages_per_second = 10;
  hello.client_messages_burst = 100;
  hello.heartbeat = absl::Seconds(15);
  hello.client_frame_bytes_max = 4096;
  hello.client_message_bytes_max = 65536;
  hello.slow_client_deadline = absl::Seconds(30);
  EXPECT_EQ(
      HelloMessage(hello),
      R"({"type":"hello","connection":"c1","log":{"name":"events","epoch":"e","start":3,"head":9},"cursor":"e:4",)"
      R"("until":"e:8","filter":{"types":["a.*","b"],"subjects":["\"s\""],"sources":[],"attributes":{"k":["v"]}},)"
      R"("delivery":{"mode":"lossless","batch_max":1000,"linger_ms":null,"on_gap":"skip"},"heartbeat_s":15,)"
      R"("limits":{"client_frame_bytes_max":4096,"client_message_bytes_max":65536,"client_messages_per_second":10,)"
      R"("client_messages_burst":100,"slow_client_deadline_s":30},"retry":{"initial_ms":500,"max_ms":30000}})");
}

TEST(ServerMessageTest, SmallMessages) {
  EXPECT_EQ(LiveMessage("e", 5), R"({"type":"live","cursor":"e:4"})");
  EXPECT_EQ(HeartbeatMessage("e", 0, 7, absl::UnixEpoch() + absl::Milliseconds(1500)),
            R"({"type":"heartbeat","cursor":"e:-1","head":7,"time":"1970-01-01T00:00:01.500Z"})");
  EXPECT_EQ(ErrorMessage("C", "m", {true, "e:4", "i"}),
            R"({"type":"error","code":"C","message":"m","retry":true,"cursor":"e:4","id":"i"})");
  EXPECT_EQ(ErrorMessage("C", "m"), R"({"type":"error","code":"C","message":"m","retry":false})");
}

TEST(ServerMessageTest, EventsCarryTheCursorBehindThem) {
  const std::vector<absl::string_view> events = {R"({"offset":1})", R"({"offset":3})"};
  EventRun run;
  run.events = events;
  run.epoch = "e";
  run.next_offset = 6;
  EXPECT_EQ(EventsMessage(run), R"({"type":"events","events":[{"offset":1},{"offset":3}],"cursor":"e:5"})");
  run.skipped = 0;
  EXPECT_EQ(EventsMessage(run), R"({"type":"events","events":[{"offset":1},{"offset":3}],"cursor":"e:5","skipped":0})");
}

TEST(ServerMessageTest, GapsNameTheirReason) {
  EXPECT_EQ(GapMessage(BlockGap::kTrimmed, "e", 2, 9),
            R"({"type":"gap","after":"e:1","until":"e:8","reason":"TRIMMED"})");
  EXPECT_NE(GapMessage(BlockGap::kUnavailable, "e", 2, 9).find("UNAVAILABLE"), std::string::npos);
}

TEST(ServerMessageTest, AnswersNameTheMessageWhereItHadAName) {
  EXPECT_EQ(AckMessage("o1", "e", 5), R"({"type":"ack","id":"o1","effective_after":"e:4"})");
  EXPECT_EQ(AckMessage(std::nullopt, "e", 5), R"({"type":"ack","effective_after":"e:4"})");
}

TEST(ServerMessageTest, TimesAreWholeMillisecondsAndNeverNegative) {
  EXPECT_EQ(LagMessage(7, absl::Microseconds(1500), absl::Seconds(-1)),
            R"({"type":"lag","behind_events":7,"behind_ms":1,"deadline_ms":0})");
  EXPECT_EQ(DrainMessage(absl::Seconds(1), absl::Milliseconds(5)),
            R"({"type":"drain","deadline_ms":1000,"reconnect_after_ms":5})");
}

}  // namespace
}  // namespace gateway
