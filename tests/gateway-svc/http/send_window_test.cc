#include "gateway-svc/http/send_window.h"

#include <memory>
#include <string>

#include "gtest/gtest.h"

namespace gateway {
namespace {

SharedFramePtr Shared(int64_t offset, std::string bytes) {
  auto frame = std::make_shared<SharedFrame>();
  frame->start_offset = offset;
  frame->next_offset = offset + 1;
  frame->event_count = 1;
  frame->bytes = std::move(bytes);
  return frame;
}

std::string Content(const SendWindow& window) {
  struct iovec vectors[64];
  const int count = window.Gather(vectors, 64);
  std::string content;
  for (int i = 0; i < count; ++i) content.append(static_cast<char*>(vectors[i].iov_base), vectors[i].iov_len);
  EXPECT_EQ(content.size(), window.bytes());
  return content;
}

TEST(SendWindowTest, SendsInOrderAndByteByByte) {
  SendWindow window;
  window.PushOwn("hello|");
  window.PushFrame(Shared(1, "one|"));
  window.PushFrame(Shared(2, "two|"));
  std::string sent;
  int64_t events = 0;
  while (!window.empty()) {
    sent += Content(window)[0];
    events += window.Consume(1).events;
  }
  EXPECT_EQ(sent, "hello|one|two|");
  EXPECT_EQ(events, 2);
  EXPECT_EQ(window.bytes(), 0u);
}

TEST(SendWindowTest, ControlFramesGoBehindTheFrameThatIsUnderWay) {
  SendWindow window;
  window.PushFrame(Shared(1, "one|"));
  window.PushFrame(Shared(2, "two|"));
  window.Consume(1);
  window.PushControl("pong1|");
  window.PushControl("pong2|");
  EXPECT_EQ(Content(window), "ne|pong1|pong2|two|");
}

TEST(SendWindowTest, ControlFramesGoFirstWhenNothingIsUnderWay) {
  SendWindow window;
  window.PushFrame(Shared(1, "one|"));
  window.PushControl("pong|");
  EXPECT_EQ(Content(window), "pong|one|");
}

TEST(SendWindowTest, TooManyControlFramesKeepTheNewest) {
  SendWindow window;
  window.PushFrame(Shared(1, "one|"));
  window.Consume(1);
  for (int i = 0; i < 1000; ++i) window.PushControl("\x8A" + std::to_string(i) + "|");
  EXPECT_LT(window.bytes(), 200u);
  const std::string content = Content(window);
  EXPECT_EQ(content.substr(0, 6),
            "ne|\x8A"
            "0|");
  EXPECT_NE(content.find("999|"), std::string::npos);
}

TEST(SendWindowTest, OurPingGivesWayToNoPong) {
  SendWindow window;
  window.PushFrame(Shared(1, "one|"));
  window.Consume(1);
  for (size_t i = 0; i < SendWindow::kControlsMax - 1; ++i) window.PushControl("\x8Aold|");
  window.PushControl("\x89ping|");
  for (int i = 0; i < 100; ++i) window.PushControl("\x8A" + std::to_string(i) + "|");
  EXPECT_NE(Content(window).find("\x89ping|"), std::string::npos);
  EXPECT_NE(Content(window).find("\x8A"
                                 "99|"),
            std::string::npos);
  EXPECT_LT(window.bytes(), 200u);
}

TEST(SendWindowTest, DroppingKeepsTheFrameThatIsUnderWayAndSaysWhereItStopped) {
  SendWindow window;
  window.PushFrame(Shared(1, "one|"));
  window.PushFrame(Shared(2, "two|"));
  window.PushFrame(Shared(3, "three|"));
  window.Consume(2);
  EXPECT_EQ(window.first_unsent_offset(), 1);
  EXPECT_EQ(window.DropUnsent(), 2);
  EXPECT_EQ(Content(window), "e|");
  EXPECT_EQ(window.DropUnsent(), std::nullopt);
}

TEST(SendWindowTest, DroppingKeepsControlFrames) {
  SendWindow window;
  window.PushOwn("hello|");
  window.PushFrame(Shared(5, "five|"));
  window.PushControl("pong|");
  EXPECT_EQ(window.DropUnsent(), 5);
  EXPECT_EQ(Content(window), "pong|");
  EXPECT_EQ(window.bytes(), 5u);
  window.PushOwn("close|");
  EXPECT_EQ(Content(window), "pong|close|");

  SendWindow under_way;
  under_way.PushFrame(Shared(5, "five|"));
  under_way.PushFrame(Shared(6, "six|"));
  under_way.Consume(1);
  under_way.PushControl("pong|");
  EXPECT_EQ(under_way.DropUnsent(), 6);
  EXPECT_EQ(Content(under_way), "ive|pong|");
}

TEST(SendWindowTest, DroppingWithoutControlFramesDropsAllThatHasNotBegun) {
  SendWindow window;
  window.PushFrame(Shared(5, "five|"));
  window.PushOwn("ack|");
  EXPECT_EQ(window.DropUnsent(), 5);
  EXPECT_TRUE(window.empty());
  EXPECT_EQ(window.bytes(), 0u);
}

TEST(SendWindowTest, GatherIsBounded) {
  SendWindow window;
  for (int i = 0; i < 10; ++i) window.PushOwn("x");
  struct iovec vectors[4];
  EXPECT_EQ(window.Gather(vectors, 4), 4);
}

}  // namespace
}  // namespace gateway
