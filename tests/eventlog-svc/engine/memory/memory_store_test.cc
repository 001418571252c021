#include "eventlog-svc/engine/memory/memory_store.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/log_driver.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

class MemoryStoreTest : public testing::Test {
 protected:
  // Appends one batch of `count` events of `bytes` bytes at `seconds`, and publishes it.
  void Put(int count, size_t bytes = 10, int64_t seconds = 1) {
    EventList events;
    for (int i = 0; i < count; ++i) events.Add(MakeEvent(std::string(bytes, 'x')), true);
    BatchHeader header;
    header.base_offset = store_.next_offset();
    header.append_time = absl::FromUnixSeconds(seconds);
    EncodedBatch batch = EncodeBatch(header, events);
    ASSERT_THAT(store_.Append({&batch, 1}), IsOk());
  }
  void Publish() { store_.Publish(); }

  MemoryStore store_{"0123456789abcdef", 4096};
};

TEST_F(MemoryStoreTest, WhatIsNotPublishedIsNotRead) {
  Put(2);
  EXPECT_EQ(store_.next_offset(), 2);
  EXPECT_EQ(store_.size().bounds.head_offset, 0);
  EXPECT_THAT(store_.Read({1}), HasReason("OFFSET_OUT_OF_RANGE"));
  Publish();
  EXPECT_EQ(store_.size().bounds.head_offset, 2);
  const absl::StatusOr<RecordPage> page = store_.Read({1});
  ASSERT_THAT(page, IsOk());
  EXPECT_EQ(page->record_count(), 1);
}

TEST_F(MemoryStoreTest, TheOldestBatchesGoWhenTheBytesAreTooMany) {
  for (int i = 0; i < 10; ++i) {
    Put(2, 400, i);
    Publish();
  }
  const LogSize size = store_.size();
  EXPECT_LE(size.byte_count, 4096);
  EXPECT_GT(size.bounds.start_offset, 0);
  EXPECT_EQ(size.bounds.start_offset % 2, 0) << "half a batch was dropped";
  EXPECT_EQ(size.bounds.head_offset, 20);
  EXPECT_EQ(size.record_count, 20 - size.bounds.start_offset);
  EXPECT_EQ(size.oldest_append_time, absl::FromUnixSeconds(size.bounds.start_offset / 2));
  EXPECT_EQ(size.newest_append_time, absl::FromUnixSeconds(9));
}

TEST_F(MemoryStoreTest, AReadBelowTheStartGetsAGapUpToIt) {
  for (int i = 0; i < 10; ++i) Put(2, 400);
  Publish();
  const int64_t start = store_.size().bounds.start_offset;
  ASSERT_GT(start, 3);
  const absl::StatusOr<RecordPage> page = store_.Read({3});
  ASSERT_THAT(page, IsOk());
  ASSERT_TRUE(page->gap.has_value());
  EXPECT_EQ(page->gap->start_offset, 3);
  EXPECT_EQ(page->gap->next_offset, start);
  EXPECT_EQ(page->gap->reason, GapReason::kTrimmed);
  EXPECT_EQ(page->next_offset, start);
  EXPECT_TRUE(page->empty());
}

TEST_F(MemoryStoreTest, ABackwardReadEndsAtTheStart) {
  for (int i = 0; i < 10; ++i) Put(2, 400);
  Publish();
  const int64_t start = store_.size().bounds.start_offset;
  const absl::StatusOr<RecordPage> page = store_.Read({start, Direction::kBackward});
  ASSERT_THAT(page, IsOk());
  EXPECT_TRUE(page->empty());
  EXPECT_EQ(page->next_offset, start);
}

TEST_F(MemoryStoreTest, ABatchLargerThanTheLimitIsKeptAsTheOnlyOne) {
  Put(1);
  Put(1, 5000);
  Publish();
  EXPECT_EQ(store_.size().bounds.start_offset, 1);
  EXPECT_EQ(store_.size().record_count, 1);
}

TEST_F(MemoryStoreTest, OffsetAtLooksAtWhatIsLeft) {
  for (int i = 0; i < 10; ++i) Put(2, 400, i);
  Publish();
  EXPECT_THAT(store_.OffsetAt(absl::UnixEpoch()), IsOkAndHolds(store_.size().bounds.start_offset));
  EXPECT_THAT(store_.OffsetAt(absl::FromUnixSeconds(9)), IsOkAndHolds(18));
  EXPECT_THAT(store_.OffsetAt(absl::FromUnixSeconds(10)), IsOkAndHolds(20));
}

}  // namespace
}  // namespace eventlog
