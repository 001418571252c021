#include "gateway-svc/http/server_message.h"

#include <string>

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
  hello.heartbeat = absl::Seconds(15);
  hello.client_frame_bytes_max = 4096;
  hello.client_message_bytes_max = 65536;
  hello.slow_client_deadline = absl::Seconds(30);
  EXPECT_EQ(
      HelloMessage(hello),
      R"({"type":"hello","connection":"c1","log":{"name":"events","epoch":"e","start":3,"head":9},"cursor":"e:4",)"
      R"("filter":{"types":["a.*","b"],"subjects":["\"s\""],"sources":[]},"limits":{"client_frame_bytes_max":4096,)"
      R"("client_message_bytes_max":65536,"slow_client_deadline_s":30},"retry":{"initial_ms":500,"max_ms":30000},)"
      R"("heartbeat_s":15})");
}

TEST(ServerMessageTest, SmallMessages) {
  EXPECT_EQ(LiveMessage("e", 5), R"({"type":"live","cursor":"e:4"})");
  EXPECT_EQ(HeartbeatMessage("e", 0, 7, absl::UnixEpoch() + absl::Milliseconds(1500)),
            R"({"type":"heartbeat","cursor":"e:-1","head":7,"time":"1970-01-01T00:00:01.500Z"})");
  EXPECT_EQ(ErrorMessage("C", "m", true, "e:4"),
            R"({"type":"error","code":"C","message":"m","retry":true,"cursor":"e:4"})");
  EXPECT_EQ(ErrorMessage("C", "m", false, ""), R"({"type":"error","code":"C","message":"m","retry":false})");
}

TEST(ServerMessageTest, EventsAreOneFrameWithTheCursorBehindThem) {
  const JsonFrameFormat format;
  const std::string json = R"({"type":"events","events":[{"offset":1},{"offset":3}],"cursor":"e:5"})";
  EXPECT_EQ(format.Events({R"({"offset":1})", R"({"offset":3})"}, "e", 6),
            std::string("\x81") + static_cast<char>(json.size()) + json);
  const std::string large(70000, 'x');
  const std::string frame = format.Events({large}, "e", 1);
  EXPECT_EQ(frame.substr(0, 6), std::string("\x81\x7F\0\0\0\0", 6));
  EXPECT_EQ(frame.size(), 10 + large.size() + std::string(R"({"type":"events","events":[],"cursor":"e:0"})").size());
}

TEST(ServerMessageTest, GapsNameTheirReason) {
  const JsonFrameFormat format;
  const std::string json = R"({"type":"gap","after":"e:1","until":"e:8","reason":"TRIMMED"})";
  EXPECT_EQ(format.Gap(BlockGap::kTrimmed, "e", 2, 9).substr(2), json);
  EXPECT_NE(format.Gap(BlockGap::kUnavailable, "e", 2, 9).find("UNAVAILABLE"), std::string::npos);
}

}  // namespace
}  // namespace gateway
