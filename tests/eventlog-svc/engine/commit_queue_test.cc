#include "eventlog-svc/engine/commit_queue.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// An append of one record and `bytes`, which is known by its number.
CommitRequest Request(int64_t number, int64_t bytes) {
  AppendBatch batch;
  batch.expected_next_offset = number;
  CommitRequest request = MakeAppendRequest(
      std::move(batch), [](absl::StatusOr<AppendResult>) {}, absl::UnixEpoch());
  request.records = 1;
  request.bytes = bytes;
  return request;
}

std::vector<int64_t> NumbersOf(const std::vector<CommitRequest>& group) {
  std::vector<int64_t> numbers;
  for (const CommitRequest& request : group) {
    numbers.push_back(*std::get<CommitRequest::Append>(request.what).batch.expected_next_offset);
  }
  return numbers;
}

TEST(CommitQueueTest, GroupsAreCutByBytesAndKeepTheOrder) {
  CommitQueue queue;
  EXPECT_TRUE(queue.empty());
  EXPECT_THAT(queue.TakeGroup(100), IsEmpty());
  for (int i = 0; i < 5; ++i) queue.Push(Request(i, 10));
  EXPECT_EQ(queue.records(), 5);
  EXPECT_EQ(queue.bytes(), 50);
  EXPECT_THAT(NumbersOf(queue.TakeGroup(20)), ElementsAre(0, 1));
  EXPECT_THAT(NumbersOf(queue.TakeGroup(1)), ElementsAre(2)) << "one at least";
  EXPECT_EQ(queue.records(), 2);
  EXPECT_EQ(queue.bytes(), 20);
  queue.Push(Request(5, 10));
  EXPECT_THAT(NumbersOf(queue.TakeGroup(100)), ElementsAre(3, 4, 5));
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.records(), 0);
  EXPECT_EQ(queue.bytes(), 0);
}

TEST(CommitQueueTest, ChangesAreCounted) {
  CommitQueue queue;
  queue.Push(Request(0, 10));
  queue.Push(MakeChangeRequest(
      TakeCursor{"c"}, [](absl::StatusOr<Cursor>) {}, absl::UnixEpoch()));
  EXPECT_EQ(queue.changes(), 1);
  (void)queue.TakeGroup(10);
  EXPECT_EQ(queue.changes(), 1);
  (void)queue.TakeGroup(1);
  EXPECT_EQ(queue.changes(), 0);
}

// It is never empty, and more comes in than its memory had room for at first.
TEST(CommitQueueTest, TheOrderHoldsWhenItNeverEmpties) {
  CommitQueue queue;
  int64_t pushed = 0, taken = 0;
  for (int i = 0; i < 100; ++i) queue.Push(Request(pushed++, 1));
  while (taken < 20'000) {
    for (int64_t number : NumbersOf(queue.TakeGroup(37))) ASSERT_EQ(number, taken++);
    for (int i = 0; i < 37; ++i) queue.Push(Request(pushed++, 1));
    ASSERT_EQ(queue.records(), pushed - taken);
  }
}

}  // namespace
}  // namespace eventlog
