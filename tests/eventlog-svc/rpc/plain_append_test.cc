#include "eventlog-svc/rpc/plain_append.h"

#include <string>

#include "gtest/gtest.h"

namespace eventlog {
namespace {

v1::AppendRequest Request(int events) {
  v1::AppendRequest request;
  for (int i = 0; i < events; ++i) request.add_events()->set_type("type." + std::to_string(i));
  return request;
}

TEST(PlainAppendTest, EventsAndTheRestAreApart) {
  v1::AppendRequest request = Request(3);
  request.set_log("orders");
  request.set_expected_next_offset(7);
  request.mutable_producer()->set_id("p");
  request.set_durability(v1::DURABILITY_FSYNC);
  const std::string wire = request.SerializeAsString();
  const auto plain = ReadPlainAppend(wire);
  ASSERT_TRUE(plain.has_value());
  ASSERT_EQ(plain->events.size(), 3u);
  size_t bytes = 0;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(plain->events[static_cast<size_t>(i)].wire, request.events(i).SerializeAsString());
    bytes += request.events(i).ByteSizeLong();
  }
  EXPECT_EQ(plain->event_bytes, bytes);
  request.clear_events();
  EXPECT_EQ(plain->rest.SerializeAsString(), request.SerializeAsString());
}

TEST(PlainAppendTest, NoEventsAreNoneOfThem) {
  const auto plain = ReadPlainAppend("");
  ASSERT_TRUE(plain.has_value());
  EXPECT_TRUE(plain->events.empty());
}

TEST(PlainAppendTest, OneEventThatIsNotPlainIsEnough) {
  v1::AppendRequest request = Request(3);
  request.mutable_events(2)->clear_type();
  EXPECT_FALSE(ReadPlainAppend(request.SerializeAsString()).has_value());
}

TEST(PlainAppendTest, ABrokenRestIsForTheParser) {
  const std::string events = Request(1).SerializeAsString();
  EXPECT_TRUE(ReadPlainAppend(events).has_value());
  EXPECT_FALSE(ReadPlainAppend(events + "\x0A\x01\xFF").has_value()) << "a log that is not UTF-8";
  EXPECT_FALSE(ReadPlainAppend(events + "\x22\x01\x0A").has_value()) << "half a producer";
  EXPECT_FALSE(ReadPlainAppend(events + "\x0A\x05x").has_value()) << "cut";
  EXPECT_FALSE(ReadPlainAppend("\x10\x01").has_value()) << "events as a number";
}

TEST(PlainAppendTest, WhatThisVersionDoesNotKnowStaysInTheRest) {
  const auto plain = ReadPlainAppend(Request(1).SerializeAsString() + "\x78\x01");
  ASSERT_TRUE(plain.has_value());
  EXPECT_EQ(plain->rest.ByteSizeLong(), 2u) << "to be refused by the validator";
}

}  // namespace
}  // namespace eventlog
