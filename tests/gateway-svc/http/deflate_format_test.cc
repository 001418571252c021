#include "gateway-svc/http/deflate_format.h"

#include <random>
#include <string>

#include "gateway-svc/websocket/message_inflater.h"
#include "gtest/gtest.h"

namespace gateway {
namespace {

EventRun RunOf(absl::Span<const absl::string_view> events) {
  EventRun run;
  run.events = events;
  run.epoch = "e";
  run.next_offset = 8;
  return run;
}

TEST(DeflateFormatTest, WhatBecomesSmallerIsCompressedAndCounted) {
  CompressionCounters counters;
  DeflateFormat format({}, counters);
  const std::string event = "\"" + std::string(100, 'x') + "\"";
  const absl::string_view events[] = {event};
  const std::string message = EventsMessage(RunOf(events));
  for (int i = 1; i <= 2; ++i) {  // the second needs nothing of the first
    const std::string frame = format.Events(RunOf(events));
    ASSERT_EQ(frame[0], '\xC1') << "text, and compressed";
    ASSERT_EQ(static_cast<size_t>(frame[1]), frame.size() - 2);
    std::string inflated;
    MessageInflater inflater;
    ASSERT_EQ(inflater.Inflate(absl::string_view(frame).substr(2), 10'000, inflated), MessageInflater::Result::kOk);
    EXPECT_EQ(inflated, message);
    EXPECT_EQ(counters.frames, i);
    EXPECT_EQ(counters.bytes_in, i * static_cast<int64_t>(message.size()));
    EXPECT_EQ(counters.bytes_out, i * static_cast<int64_t>(frame.size()));
  }
}

TEST(DeflateFormatTest, WhatDoesNotStaysPlain) {
  CompressionCounters counters;
  DeflateFormat format({}, counters);
  std::string noise;
  std::mt19937 random(1);
  for (int i = 0; i < 5000; ++i) noise += static_cast<char>(random());
  const absl::string_view events[] = {noise};
  const std::string frame = format.Events(RunOf(events));
  EXPECT_EQ(frame[0], '\x81');
  EXPECT_EQ(frame.substr(4), EventsMessage(RunOf(events)));
}

TEST(DeflateFormatTest, AGapIsAMessageToo) {
  CompressionCounters counters;
  DeflateFormat format({}, counters);
  const std::string epoch(200, 'e');
  const std::string frame = format.Gap(BlockGap::kTrimmed, epoch, 3, 7);
  ASSERT_EQ(frame[0], '\xC1');
  std::string inflated;
  MessageInflater inflater;
  ASSERT_EQ(inflater.Inflate(absl::string_view(frame).substr(2), 10'000, inflated), MessageInflater::Result::kOk);
  EXPECT_EQ(inflated, GapMessage(BlockGap::kTrimmed, epoch, 3, 7));
}

}  // namespace
}  // namespace gateway
