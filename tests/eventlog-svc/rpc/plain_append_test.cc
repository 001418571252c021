#include "eventlog-svc/rpc/plain_append.h"

#include <string>

#include "gtest/gtest.h"

namespace eventlog {
namespace {

constexpr size_t kEventsMax = 1000;

v1::AppendRequest Request(int events) {
  v1::AppendRequest request;
  for (int i = 0; i < events; ++i) request.add_events()->set_type("type." + std::to_string(i));
  return request;
}

bool IsPlain(absl::string_view request) {
  PlainAppend append;
  return ReadPlainAppend(request, kEventsMax, append);
}

TEST(PlainAppendTest, EventsAndTheRestAreApart) {
  v1::AppendRequest request = Request(3);
  request.set_log("orders");
  request.set_expected_next_offset(7);
  request.mutable_producer()->set_id("p");
  request.set_durability(v1::DURABILITY_FSYNC);
  const std::string wire = request.SerializeAsString();
  PlainAppend plain;
  ASSERT_TRUE(ReadPlainAppend(wire, kEventsMax, plain));
  ASSERT_EQ(plain.events.size(), 3u);
  size_t bytes = 0;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(plain.events[static_cast<size_t>(i)].wire, request.events(i).SerializeAsString());
    bytes += request.events(i).ByteSizeLong();
  }
  EXPECT_EQ(plain.event_bytes, bytes);
  request.clear_events();
  EXPECT_EQ(plain.rest.SerializeAsString(), request.SerializeAsString());
}

TEST(PlainAppendTest, NoEventsAreNoneOfThem) {
  PlainAppend plain;
  ASSERT_TRUE(ReadPlainAppend("", kEventsMax, plain));
  EXPECT_TRUE(plain.events.empty());
}

TEST(PlainAppendTest, WhatWasReadBeforeIsGone) {
  v1::AppendRequest request = Request(3);
  request.set_log("orders");
  PlainAppend plain;
  const std::string first = request.SerializeAsString(), second = Request(1).SerializeAsString();
  ASSERT_TRUE(ReadPlainAppend(first, kEventsMax, plain));
  ASSERT_TRUE(ReadPlainAppend(second, kEventsMax, plain));
  EXPECT_EQ(plain.events.size(), 1u);
  EXPECT_EQ(plain.event_bytes, Request(1).events(0).ByteSizeLong());
  EXPECT_EQ(plain.rest.log(), "");
}

TEST(PlainAppendTest, OneEventThatIsNotPlainIsEnough) {
  v1::AppendRequest request = Request(3);
  request.mutable_events(2)->clear_type();
  EXPECT_FALSE(IsPlain(request.SerializeAsString()));
}

TEST(PlainAppendTest, MoreEventsThanMayBeAreForOthers) {
  PlainAppend plain;
  const std::string wire = Request(3).SerializeAsString();
  EXPECT_TRUE(ReadPlainAppend(wire, 3, plain));
  EXPECT_FALSE(ReadPlainAppend(wire, 2, plain));
}

TEST(PlainAppendTest, NoMemoryIsTakenForMoreEventsThanMayBe) {
  PlainAppend plain;
  EXPECT_FALSE(ReadPlainAppend(Request(100).SerializeAsString(), 10, plain));
  EXPECT_LE(plain.events.capacity(), 10u);
}

TEST(PlainAppendTest, ABrokenRestIsForTheParser) {
  const std::string events = Request(1).SerializeAsString();
  EXPECT_TRUE(IsPlain(events));
  EXPECT_FALSE(IsPlain(events + "\x0A\x01\xFF")) << "a log that is not UTF-8";
  EXPECT_FALSE(IsPlain(events + "\x22\x01\x0A")) << "half a producer";
  EXPECT_FALSE(IsPlain(events + "\x0A\x05x")) << "cut";
  EXPECT_FALSE(IsPlain("\x10\x01")) << "events as a number";
}

TEST(PlainAppendTest, WhatThisVersionDoesNotKnowStaysInTheRest) {
  PlainAppend plain;
  const std::string wire = Request(1).SerializeAsString() + "\x78\x01";
  ASSERT_TRUE(ReadPlainAppend(wire, kEventsMax, plain));
  EXPECT_EQ(plain.rest.ByteSizeLong(), 2u) << "to be refused by the validator";
}

}  // namespace
}  // namespace eventlog
