#include "eventlog-svc/rpc/wire_messages.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "eventlog-svc/engine/record_bytes.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000) + absl::Nanoseconds(7);

std::string Bytes(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  EXPECT_TRUE(buffer.Dump(&slices).ok());
  std::string bytes;
  for (const grpc::Slice& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

v1::SubscribeResponse Parse(const grpc::ByteBuffer& buffer) {
  v1::SubscribeResponse response;
  EXPECT_TRUE(response.ParseFromString(Bytes(buffer)));
  return response;
}

v1::SubscribeResponse Response(SubscriptionMessage message) {
  return Parse(ToSubscribeResponse(std::move(message), "0123456789abcdef", kNow));
}

std::string Records(int count) {
  v1::SubscribeResponse::Batch batch;
  for (int i = 0; i < count; ++i) {
    batch.add_records()->set_offset(i + 1);
    batch.mutable_records(i)->mutable_event()->set_text(std::string(100, 'x'));
  }
  return batch.SerializeAsString();
}

RecordBytes PageOf(const std::string& bytes, size_t from = 0) {
  const auto page = std::make_shared<const std::string>(bytes);
  RecordBytes records;
  records.Add(page, absl::string_view(*page).substr(from));
  return records;
}

TEST(WireMessagesTest, ABatchIsWhatProtobufWouldHaveWritten) {
  for (const int64_t next : {int64_t{0}, int64_t{1}, int64_t{300}, int64_t{1} << 62}) {
    v1::SubscribeResponse expected;
    ASSERT_TRUE(expected.mutable_batch()->ParseFromString(Records(5)));
    expected.mutable_batch()->set_next_offset(next);
    EXPECT_EQ(Bytes(ToSubscribeResponse(BatchMessage{PageOf(Records(5)), 5, next}, "", kNow)),
              expected.SerializeAsString());
  }
}

TEST(WireMessagesTest, ABatchIsItsPartOfAPageAsLongAsItIsThere) {
  v1::SubscribeResponse expected;
  ASSERT_TRUE(expected.mutable_batch()->ParseFromString(Records(5)));
  expected.mutable_batch()->set_next_offset(6);
  for (const bool own : {false, true}) {
    RecordBytes records = PageOf("before" + Records(5), 6);
    if (own) records.LetGoOfPage();
    const grpc::ByteBuffer message = ToSubscribeResponse(BatchMessage{std::move(records), 5, 6}, "", kNow);
    EXPECT_EQ(Bytes(message), expected.SerializeAsString()) << own;
  }
}

TEST(WireMessagesTest, AnAppendsAnswerIsWhatProtobufWouldHaveWritten) {
  for (const AppendResult& result :
       {AppendResult{0, 1, absl::UnixEpoch(), Durability::kMemory, false},
        AppendResult{3, 5, kNow, Durability::kFsync, true},
        AppendResult{INT64_MAX - 1, INT64_MAX, absl::FromUnixNanos(INT64_MAX), Durability::kReplicated, true}}) {
    v1::AppendStreamResponse expected;
    v1::AppendResponse& appended = *expected.mutable_appended();
    appended.set_first_offset(result.first_offset);
    appended.set_next_offset(result.next_offset);
    *appended.mutable_append_time() = ToProtoTime(result.append_time);
    appended.set_durability(static_cast<v1::Durability>(result.durability));
    appended.set_duplicate(result.duplicate);
    EXPECT_EQ(Bytes(ToAppendResponse(result)), appended.SerializeAsString());
    EXPECT_EQ(Bytes(ToAppendStreamResponse(result)), expected.SerializeAsString());
  }
  v1::AppendStreamResponse refused;
  ASSERT_TRUE(refused.ParseFromString(Bytes(ToAppendStreamResponse(absl::NotFoundError("no log")))));
  EXPECT_EQ(refused.error().message(), "no log");
}

TEST(WireMessagesTest, EveryMessageHasItsFields) {
  const auto started = Response(StartedMessage{3, {1, 9}}).started();
  EXPECT_EQ(started.next_offset(), 3);
  EXPECT_EQ(started.start_offset(), 1);
  EXPECT_EQ(started.head_offset(), 9);
  EXPECT_EQ(started.epoch(), "0123456789abcdef");
  EXPECT_EQ(started.generation(), 0);
  EXPECT_EQ(Response(CaughtUpMessage{4}).caught_up().next_offset(), 4);
  EXPECT_TRUE(Response(CaughtUpMessage{0}).has_caught_up());
  const auto heartbeat = Response(HeartbeatMessage{5}).heartbeat();
  EXPECT_EQ(heartbeat.next_offset(), 5);
  EXPECT_EQ(heartbeat.time().seconds(), 1'700'000'000);
  EXPECT_EQ(heartbeat.time().nanos(), 7);
  const auto gap = Response(GapMessage{{2, 6, GapReason::kTrimmed}}).gap();
  EXPECT_EQ(gap.start_offset(), 2);
  EXPECT_EQ(gap.next_offset(), 6);
  EXPECT_EQ(gap.reason(), v1::GAP_REASON_TRIMMED);
  const auto ending = Response(EndedMessage{EndReason::kUntilReached, 7}).ending();
  EXPECT_EQ(ending.reason(), v1::ENDING_REASON_UNTIL_REACHED);
  EXPECT_EQ(ending.next_offset(), 7);
  EXPECT_FALSE(ending.has_retry_delay());
}

TEST(WireMessagesTest, AnEndingSaysHowLongToWait) {
  const auto ending = Parse(ToEnding(v1::ENDING_REASON_DRAINING, 8, absl::Milliseconds(1250))).ending();
  EXPECT_EQ(ending.reason(), v1::ENDING_REASON_DRAINING);
  EXPECT_EQ(ending.retry_delay().seconds(), 1);
  EXPECT_EQ(ending.retry_delay().nanos(), 250'000'000);
}

TEST(WireMessagesTest, AReadIsRecordsAndTheRest) {
  v1::ReadResponse rest;
  rest.set_next_offset(5);
  rest.set_end_of_log(true);
  v1::ReadResponse response;
  ASSERT_TRUE(response.ParseFromString(Bytes(ToReadResponse(Records(2), rest))));
  EXPECT_EQ(response.records_size(), 2);
  EXPECT_EQ(response.records(1).offset(), 2);
  EXPECT_EQ(response.next_offset(), 5);
  EXPECT_TRUE(response.end_of_log());
}

TEST(WireMessagesTest, TimesBeforeTheEpochHavePositiveNanos) {
  const auto time = ToProtoTime(absl::UnixEpoch() - absl::Nanoseconds(1));
  EXPECT_EQ(time.seconds(), -1);
  EXPECT_EQ(time.nanos(), 999'999'999);
}

}  // namespace
}  // namespace eventlog
