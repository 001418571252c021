#include "eventlog-svc/client/append_queue.h"

#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

AppendQueueOptions SmallOptions() {
  AppendQueueOptions options;
  options.events_max = 100;
  options.bytes_max = 1'000;
  options.batch_events_max = 4;
  options.batch_bytes_max = 100;
  options.batches_in_flight_max = 3;
  return options;
}

void Push(AppendQueue& queue, int count, int64_t bytes = 1) {
  for (int i = 0; i < count; ++i) {
    AppendQueue::Entry entry;
    entry.bytes = bytes;
    queue.Push(std::move(entry));
  }
}

TEST(AppendQueueTest, RoomEndsAtEventsAndAtBytes) {
  AppendQueue queue(SmallOptions());
  Push(queue, 99);
  EXPECT_TRUE(queue.HasRoom(1));
  EXPECT_FALSE(queue.HasRoom(902));
  Push(queue, 1);
  EXPECT_FALSE(queue.HasRoom(1));
}

TEST(AppendQueueTest, AnEventLargerThanTheQueueFitsWhenItIsEmpty) {
  AppendQueue queue(SmallOptions());
  EXPECT_TRUE(queue.HasRoom(5'000));
  Push(queue, 1, 5'000);
  EXPECT_FALSE(queue.HasRoom(1));
}

TEST(AppendQueueTest, UnansweredEventsStillTakeRoom) {
  AppendQueue queue(SmallOptions());
  Push(queue, 1, 1'000);
  queue.TakeNext();
  EXPECT_FALSE(queue.HasRoom(1));
  queue.PopAnswered();
  EXPECT_TRUE(queue.HasRoom(1));
  EXPECT_TRUE(queue.empty());
}

TEST(AppendQueueTest, TheLargestOfThoseThatWereSentIsKnown) {
  AppendQueue queue(SmallOptions());
  EXPECT_EQ(0, queue.sent_bytes_max());
  Push(queue, 1, 5'000);
  EXPECT_EQ(0, queue.sent_bytes_max()) << "not sent yet";
  queue.TakeNext();
  EXPECT_EQ(5'000, queue.sent_bytes_max());
  queue.Rewind();
  EXPECT_EQ(0, queue.sent_bytes_max());
}

TEST(AppendQueueTest, BatchesEndAtEventsAndAtBytesAndAreNumbered) {
  AppendQueue queue(SmallOptions());
  Push(queue, 5);
  Push(queue, 2, 60);
  EXPECT_EQ(queue.TakeNext()->entries.size(), 4u);
  const AppendQueue::Batch& second = *queue.TakeNext();
  EXPECT_EQ(second.entries.size(), 2u);
  EXPECT_EQ(second.first_sequence, 4);
}

TEST(AppendQueueTest, PartialBatchesWaitWhileTwoAreUnanswered) {
  AppendQueue queue(SmallOptions());
  Push(queue, 1);
  queue.TakeNext();
  Push(queue, 1);
  queue.TakeNext();
  Push(queue, 3);
  EXPECT_FALSE(queue.HasNext());
  Push(queue, 1);
  EXPECT_TRUE(queue.HasNext());
}

TEST(AppendQueueTest, ARewoundBatchHasTheSameEventsAndNumber) {
  AppendQueue queue(SmallOptions());
  Push(queue, 2);
  queue.TakeNext();
  Push(queue, 8);
  queue.Rewind();
  EXPECT_EQ(queue.sent(), 0);
  const AppendQueue::Batch& again = *queue.TakeNext();
  EXPECT_EQ(again.entries.size(), 2u);
  EXPECT_EQ(again.first_sequence, 0);
}

TEST(AppendQueueTest, NoMoreBatchesAreOnTheirWayThanTheLogRemembersAlsoAfterSplitting) {
  AppendQueue queue(SmallOptions());
  Push(queue, 12);
  for (int i = 0; i < 3; ++i) queue.TakeNext();
  Push(queue, 4);
  EXPECT_FALSE(queue.HasNext());
  queue.Split(*queue.PopAnswered());
  queue.Renumber();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(queue.HasNext());
    queue.TakeNext();
  }
  EXPECT_FALSE(queue.HasNext()) << "the fourth repeat is beyond the window";
}

TEST(AppendQueueTest, SplitHalvesKeepOrderCountAndNumbers) {
  AppendQueue queue(SmallOptions());
  for (const char* text : {"a", "b", "c"}) {
    AppendQueue::Entry entry;
    entry.event.set_text(text);
    entry.bytes = 10;
    queue.Push(std::move(entry));
  }
  queue.TakeNext();
  queue.Split(*queue.PopAnswered());
  queue.Renumber();
  EXPECT_EQ(queue.events(), 3);
  const AppendQueue::Batch& first = *queue.TakeNext();
  ASSERT_EQ(first.entries.size(), 1u);
  EXPECT_EQ(first.entries[0].event.text(), "a");
  EXPECT_EQ(first.first_sequence, 0);
  const AppendQueue::Batch& second = *queue.TakeNext();
  ASSERT_EQ(second.entries.size(), 2u);
  EXPECT_EQ(second.entries[1].event.text(), "c");
  EXPECT_EQ(second.first_sequence, 1);
}

TEST(AppendQueueTest, ClearGivesEverythingBackInOrder) {
  AppendQueue queue(SmallOptions());
  Push(queue, 3, 1);
  queue.TakeNext();
  Push(queue, 2, 7);
  const auto entries = queue.Clear();
  ASSERT_EQ(entries.size(), 5u);
  EXPECT_EQ(entries[0].bytes, 1);
  EXPECT_EQ(entries[4].bytes, 7);
  EXPECT_TRUE(queue.empty());
  EXPECT_FALSE(queue.HasNext());
}

TEST(AppendQueueTest, OnlyWhatWasNotSentMakesRoom) {
  AppendQueueOptions options = SmallOptions();
  options.events_max = 6;
  AppendQueue queue(options);
  Push(queue, 6);
  queue.TakeNext();  // four of them
  EXPECT_EQ(queue.MakeRoom(1).size(), 1u);
  Push(queue, 1);
  EXPECT_TRUE(queue.MakeRoom(1'000).empty()) << "it would make no room";
  EXPECT_EQ(queue.events(), 6);
  EXPECT_EQ(queue.MakeRoom(996).size(), 2u) << "as many as there are";
  EXPECT_TRUE(queue.HasRoom(996));
  EXPECT_EQ(queue.events(), 4);
  EXPECT_EQ(queue.bytes(), 4);
}

TEST(AppendQueueTest, ItIsHalfEmptyInEventsAndInBytes) {
  AppendQueue queue(SmallOptions());
  Push(queue, 50);
  EXPECT_TRUE(queue.HalfEmpty());
  Push(queue, 1);
  EXPECT_FALSE(queue.HalfEmpty());
  queue.Clear();
  Push(queue, 1, 501);
  EXPECT_FALSE(queue.HalfEmpty());
}

TEST(AppendQueueTest, ABatchThatWasComposedElsewhereIsNumberedAsItIs) {
  AppendQueue queue(SmallOptions());
  AppendQueue::Batch batch;
  batch.entries.resize(3);
  batch.bytes = 30;
  batch.first_sequence = 17;
  queue.AddBatch(std::move(batch));
  EXPECT_EQ(queue.next_sequence(), 20);
  EXPECT_EQ(queue.bytes(), 30);
  EXPECT_TRUE(queue.HasNext());
  EXPECT_EQ(queue.TakeNext()->first_sequence, 17);
  EXPECT_LE(queue.in_flight().front()->sent, absl::Now());
  queue.PopAnswered();
  EXPECT_TRUE(queue.empty());
}

TEST(AppendQueueTest, APartialBatchLingersUnlessSomebodyIsInAHurry) {
  AppendQueueOptions options = SmallOptions();
  options.linger = absl::Hours(1);
  AppendQueue queue(options);
  EXPECT_EQ(queue.LingerEndAfter(absl::Now()), absl::InfiniteFuture());
  Push(queue, 3);
  EXPECT_FALSE(queue.HasNext());
  EXPECT_TRUE(queue.HasNext(/*hurry=*/true));
  EXPECT_NE(queue.LingerEndAfter(absl::Now()), absl::InfiniteFuture());
  Push(queue, 1);
  EXPECT_TRUE(queue.HasNext()) << "it is full";
}

TEST(AppendQueueTest, ALingerThatIsOverIsNothingToWaitFor) {
  AppendQueueOptions options = SmallOptions();
  options.linger = absl::Hours(1);
  AppendQueue queue(options);
  EXPECT_EQ(queue.LingerEndAfter(absl::Now()), absl::InfiniteFuture());
  Push(queue, 1);
  const absl::Time end = queue.LingerEndAfter(absl::Now());
  EXPECT_LE(end, absl::Now() + absl::Hours(1));
  EXPECT_EQ(queue.LingerEndAfter(end - absl::Nanoseconds(1)), end);
  EXPECT_EQ(queue.LingerEndAfter(end), absl::InfiniteFuture());
}

}  // namespace
}  // namespace eventlog
