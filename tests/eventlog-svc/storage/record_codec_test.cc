#include "eventlog-svc/storage/record_codec.h"

#include <cstdint>
#include <limits>
#include <string>

#include "gtest/gtest.h"
#include "proto/eventlog/v1/event_log.pb.h"

namespace eventlog {
namespace {

const absl::Time kTime = absl::FromUnixSeconds(1'700'000'000) + absl::Nanoseconds(123'456'789);

v1::Event MakeEvent() {
  v1::Event event;
  event.set_id("id");
  event.set_type("a.b");
  event.set_text("{}");
  return event;
}

void AppendRecord(const EventView& event, int64_t offset, absl::Time append_time, std::string& run) {
  AppendRecords({event}, offset, append_time, run);
}

TEST(RecordCodecTest, ARunIsTheRecordsFieldOfABatch) {
  std::string run;
  v1::Event event = MakeEvent();
  *event.mutable_time() = google::protobuf::Timestamp();
  event.mutable_time()->set_seconds(5);
  for (const int64_t offset : {int64_t{0}, int64_t{1}, int64_t{300}, std::numeric_limits<int64_t>::max()}) {
    AppendRecord({event.SerializeAsString(), false}, offset, kTime, run);
  }
  v1::SubscribeResponse::Batch batch;
  ASSERT_TRUE(batch.ParseFromString(run));
  ASSERT_EQ(4, batch.records_size());
  EXPECT_EQ(0, batch.records(0).offset());
  EXPECT_EQ(300, batch.records(2).offset());
  EXPECT_EQ(std::numeric_limits<int64_t>::max(), batch.records(3).offset());
  for (const v1::Record& record : batch.records()) {
    EXPECT_EQ(event.SerializeAsString(), record.event().SerializeAsString());
    EXPECT_EQ(1'700'000'000, record.append_time().seconds());
    EXPECT_EQ(123'456'789, record.append_time().nanos());
  }
}

TEST(RecordCodecTest, AnEventWithoutTimeGetsTheAppendTime) {
  std::string run;
  AppendRecord({MakeEvent().SerializeAsString(), true}, 7, kTime, run);
  v1::SubscribeResponse::Batch batch;
  ASSERT_TRUE(batch.ParseFromString(run));
  EXPECT_EQ(batch.records(0).append_time().SerializeAsString(), batch.records(0).event().time().SerializeAsString());
  EXPECT_EQ("{}", batch.records(0).event().text());
}

TEST(RecordCodecTest, TheRecordsOfAListFollowEachOther) {
  std::string list, one_by_one;
  const std::string wire = MakeEvent().SerializeAsString();
  AppendRecords({{wire, true}, {wire, false}, {wire, true}}, 126, kTime, list);
  AppendRecord({wire, true}, 126, kTime, one_by_one);
  AppendRecord({wire, false}, 127, kTime, one_by_one);
  AppendRecord({wire, true}, 128, kTime, one_by_one);
  EXPECT_EQ(list, one_by_one);
}

TEST(RecordCodecTest, TheOverheadIsBounded) {
  std::string run;
  const std::string wire(1'000'000, 'x');
  AppendRecord({wire, true}, std::numeric_limits<int64_t>::max(),
               absl::FromUnixNanos(std::numeric_limits<int64_t>::max()), run);
  EXPECT_LE(run.size(), wire.size() + kRecordOverheadMax);
}

TEST(RecordCodecTest, AWalkGivesWhatWasWritten) {
  std::string run;
  for (int64_t offset = 0; offset < 200; ++offset) {
    AppendRecord({MakeEvent().SerializeAsString(), offset % 2 == 0}, offset, kTime, run);
  }
  absl::string_view rest = run;
  RecordView view;
  size_t bytes = 0;
  for (int64_t offset = 0; offset < 200; ++offset) {
    ASSERT_TRUE(ConsumeRecord(rest, view));
    EXPECT_EQ(offset, view.offset);
    v1::Record record;
    ASSERT_TRUE(record.ParseFromString(std::string(view.record)));
    EXPECT_EQ(offset, record.offset());
    bytes += view.field.size();
  }
  EXPECT_TRUE(rest.empty());
  EXPECT_EQ(run.size(), bytes);
}

TEST(RecordCodecTest, ACutRunIsNotARecord) {
  std::string run;
  AppendRecord({MakeEvent().SerializeAsString(), true}, 42, kTime, run);
  for (size_t size = 0; size < run.size(); ++size) {
    absl::string_view rest = absl::string_view(run).substr(0, size);
    RecordView view;
    EXPECT_FALSE(ConsumeRecord(rest, view)) << size;
  }
}

TEST(RecordCodecTest, VarintsRoundTripAndOverlongOnesAreRefused) {
  for (const uint64_t value : {uint64_t{0}, uint64_t{127}, uint64_t{128}, uint64_t{1} << 63, ~uint64_t{0}}) {
    std::string bytes;
    AppendVarint(value, bytes);
    absl::string_view rest = bytes;
    uint64_t read = 0;
    ASSERT_TRUE(ConsumeVarint(rest, read));
    EXPECT_EQ(value, read);
    EXPECT_TRUE(rest.empty());
  }
  absl::string_view overlong("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02", 10);
  uint64_t read = 0;
  EXPECT_FALSE(ConsumeVarint(overlong, read));
}

}  // namespace
}  // namespace eventlog
