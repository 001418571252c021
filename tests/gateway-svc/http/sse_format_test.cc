#include "gateway-svc/http/sse_format.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace gateway {
namespace {

// The text of one chunk of HTTP/1.1; the length is checked.
std::string Unchunked(const std::string& chunk) {
  const size_t line = chunk.find("\r\n");
  if (line == std::string::npos) return "no chunk";
  const size_t size = std::stoul(chunk.substr(0, line), nullptr, 16);
  if (chunk.size() != line + 2 + size + 2 || chunk.substr(chunk.size() - 2) != "\r\n") return "a wrong length";
  return chunk.substr(line + 2, size);
}

TEST(SseFormatTest, AMessageIsOneEventWithItsCursorAsId) {
  EXPECT_EQ(SseChunk(R"({"a":1})", "e:5"), "17\r\nid: e:5\ndata: {\"a\":1}\n\n\r\n");
  EXPECT_EQ(Unchunked(SseChunk(std::string(5000, 'x'), "e:5")),
            absl::StrCat("id: e:5\ndata: ", std::string(5000, 'x'), "\n\n"));
}

TEST(SseFormatTest, WithoutACursorAnEventHasNoId) { EXPECT_EQ(Unchunked(SseChunk("{}", "")), "data: {}\n\n"); }

TEST(SseFormatTest, LineBreaksBetweenTokensDoNotEndTheEvent) {
  EXPECT_EQ(Unchunked(SseChunk("{\n\"a\":\r\n1\r}", "")), "data: {\ndata: \"a\":\ndata: \ndata: 1\ndata: }\n\n");
}

TEST(SseFormatTest, TheOtherPiecesAreChunksOfTheirOwn) {
  EXPECT_EQ(Unchunked(SsePing()), ":\n\n");
  EXPECT_EQ(Unchunked(SseRetry(3'600'000)), "retry: 3600000\n\n");
  EXPECT_EQ(SseEnd(), "0\r\n\r\n");
}

TEST(SseFormatTest, EventsAndGapsCarryTheCursorBehindThem) {
  SseFormat format;
  const absl::string_view events[] = {R"({"offset":3})", R"({"offset":4})"};
  EventRun run;
  run.events = events;
  run.epoch = "e";
  run.next_offset = 8;
  EXPECT_EQ(Unchunked(format.Events(run)),
            "id: e:7\ndata: {\"type\":\"events\",\"events\":[{\"offset\":3},{\"offset\":4}],\"cursor\":\"e:7\"}\n\n");
  EXPECT_EQ(Unchunked(format.Gap(BlockGap::kTrimmed, "e", 0, 5)),
            "id: e:4\ndata: {\"type\":\"gap\",\"after\":\"e:-1\",\"until\":\"e:4\",\"reason\":\"TRIMMED\"}\n\n");
}

}  // namespace
}  // namespace gateway
