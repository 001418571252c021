#include "gateway-svc/http/websocket_format.h"

#include <string>

#include "gtest/gtest.h"

namespace gateway {
namespace {

TEST(WebSocketFormatTest, EventsAndGapsAreWholeUnmaskedTextFrames) {
  WebSocketFormat format;
  const absl::string_view events[] = {R"({"offset":3})"};
  EventRun run;
  run.events = events;
  run.epoch = "e";
  run.next_offset = 8;
  const std::string message = EventsMessage(run);
  ASSERT_LT(message.size(), 126u);
  EXPECT_EQ(format.Events(run), std::string(1, '\x81') + static_cast<char>(message.size()) + message);
  EXPECT_EQ(message, R"({"type":"events","events":[{"offset":3}],"cursor":"e:7"})");
  const std::string gap = GapMessage(BlockGap::kCorrupt, "e", 2, 5);
  EXPECT_EQ(format.Gap(BlockGap::kCorrupt, "e", 2, 5), std::string(1, '\x81') + static_cast<char>(gap.size()) + gap);
}

TEST(WebSocketFormatTest, ALongMessageHasALongLength) {
  WebSocketFormat format;
  const std::string event(70'000, 'x');
  const absl::string_view events[] = {event};
  EventRun run;
  run.events = events;
  const std::string frame = format.Events(run);
  EXPECT_EQ(frame.substr(0, 2), "\x81\x7F");
  EXPECT_EQ(frame.size(), EventsMessage(run).size() + 10);
}

}  // namespace
}  // namespace gateway
