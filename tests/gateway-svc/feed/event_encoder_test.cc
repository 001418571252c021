#include "gateway-svc/feed/event_encoder.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace gateway {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

eventlog::v1::Record MakeRecord(int64_t offset, const std::string& text) {
  eventlog::v1::Record record;
  record.set_offset(offset);
  record.mutable_append_time()->set_seconds(1'700'000'000);
  record.mutable_event()->set_id("i");
  record.mutable_event()->set_type("a.b");
  record.mutable_event()->set_text(text);
  return record;
}

TEST(EventEncoderTest, ABlockHasTheRangeItWasLookedAtAndItsEvents) {
  google::protobuf::RepeatedPtrField<eventlog::v1::Record> records;
  *records.Add() = MakeRecord(3, "{\"n\":1}");
  *records.Add() = MakeRecord(7, "7");
  const EventBlockPtr block = EncodeBlock(2, 9, records);
  EXPECT_EQ(2, block->start_offset);
  EXPECT_EQ(9, block->next_offset);
  ASSERT_EQ(2u, block->events.size());
  EXPECT_EQ(7, block->events[1].offset);
  EXPECT_EQ("a.b", block->events[0].type);
  EXPECT_EQ("/", block->events[0].source);
  EXPECT_THAT(block->events[0].json, StartsWith("{\"offset\":3,"));
  EXPECT_THAT(block->events[0].json, EndsWith(",\"data\":{\"n\":1}}"));
  EXPECT_GT(block->bytes, block->events[0].json.size());
}

TEST(EventEncoderTest, AnOversizedEventIsAStubAndNotLeftOut) {
  google::protobuf::RepeatedPtrField<eventlog::v1::Record> records;
  *records.Add() = MakeRecord(5, "\"" + std::string(kEventJsonBytesMax, 'x') + "\"");
  const EventBlockPtr block = EncodeBlock(5, 6, records);
  ASSERT_EQ(1u, block->events.size());
  EXPECT_LT(block->events[0].json.size(), 1'000u);
  EXPECT_THAT(block->events[0].json, StartsWith("{\"offset\":5,\"id\":\"i\""));
  EXPECT_THAT(block->events[0].json, HasSubstr(",\"oversize_bytes\":10"));
  EXPECT_THAT(block->events[0].json, Not(HasSubstr("\"data")));
}

// They are written to the same memory.
TEST(EventEncoderTest, EachEventHasItsOwnJsonWhateverStandsBeforeIt) {
  google::protobuf::RepeatedPtrField<eventlog::v1::Record> records;
  *records.Add() = MakeRecord(1, "\"longer than the next\"");
  *records.Add() = MakeRecord(2, "2");
  *records.Add() = MakeRecord(3, "\"" + std::string(kEventJsonBytesMax, 'x') + "\"");
  *records.Add() = MakeRecord(4, "4");
  const EventBlockPtr block = EncodeBlock(1, 5, records);
  ASSERT_EQ(4u, block->events.size());
  const std::string around = R"(,"id":"i","time":"2023-11-14T22:13:20Z","type":"a.b","source":"/")";
  EXPECT_EQ(block->events[0].json, "{\"offset\":1" + around + ",\"data\":\"longer than the next\"}");
  EXPECT_EQ(block->events[1].json, "{\"offset\":2" + around + ",\"data\":2}");
  EXPECT_THAT(block->events[2].json, StartsWith("{\"offset\":3" + around + ",\"oversize_bytes\":"));
  EXPECT_EQ(block->events[3].json, "{\"offset\":4" + around + ",\"data\":4}");
}

TEST(EventEncoderTest, AGapKeepsItsRangeAndReason) {
  eventlog::v1::Gap gap;
  gap.set_start_offset(4);
  gap.set_next_offset(8);
  gap.set_reason(eventlog::v1::GAP_REASON_TRIMMED);
  const EventBlockPtr block = EncodeGap(gap);
  EXPECT_EQ(BlockGap::kTrimmed, block->gap);
  EXPECT_EQ(4, block->start_offset);
  EXPECT_EQ(8, block->next_offset);
  EXPECT_TRUE(block->events.empty());
}

}  // namespace
}  // namespace gateway
