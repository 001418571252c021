#include "eventlog-svc/client/event_intake.h"

#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

class EventIntakeTest : public testing::Test {
 protected:
  EventIntakeTest() {
    options_.events_max = 4;
    options_.bytes_max = 100;
    options_.batch_events_max = 2;
  }
  // As a sender does.
  EventIntake::Admission Offer(EventIntake& intake, AppendQueue& queue, int64_t bytes = 1) {
    EventIntake::Admission admission = intake.Admit(bytes, queue, counters_);
    if (admission.goes_into_queue()) queue.Push({{}, nullptr, bytes, absl::InfinitePast(), 0});
    return admission;
  }

  AppendQueueOptions options_;
  EventLogClientCounters counters_;
};

TEST_F(EventIntakeTest, TheNewestIsRefusedWhenItIsFull) {
  AppendQueue queue(options_);
  EventIntake intake(WhenFull::kDropNewest, 50);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(Offer(intake, queue).goes_into_queue());
  const auto refused = Offer(intake, queue);
  EXPECT_TRUE(refused.refused);
  EXPECT_TRUE(refused.burst_begins);
  EXPECT_EQ(refused.dropped, 1);
  EXPECT_THAT(refused.why_dropped, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_FALSE(Offer(intake, queue).burst_begins);
  EXPECT_EQ(counters_.dropped, 2);
  EXPECT_EQ(counters_.queued, 4);
  EXPECT_EQ(counters_.displaced, 0);
}

TEST_F(EventIntakeTest, TheOldestGoUnlessTheyWereSent) {
  AppendQueue queue(options_);
  EventIntake intake(WhenFull::kDropOldest, 50);
  for (int i = 0; i < 4; ++i) Offer(intake, queue);
  queue.TakeNext();  // two of them
  const auto first = Offer(intake, queue);
  EXPECT_FALSE(first.refused);
  EXPECT_EQ(first.displaced.size(), 1u);
  EXPECT_EQ(Offer(intake, queue).displaced.size(), 1u);
  queue.TakeNext();
  const auto refused = Offer(intake, queue);
  EXPECT_TRUE(refused.refused) << "all were sent";
  EXPECT_TRUE(refused.displaced.empty());
  EXPECT_EQ(counters_.dropped, 3);
  EXPECT_EQ(counters_.displaced, 2);
  EXPECT_EQ(counters_.queued, 6);
}

TEST_F(EventIntakeTest, ABurstIsOverWhenHalfIsEmpty) {
  AppendQueue queue(options_);
  EventIntake intake(WhenFull::kDropNewest, 50);
  for (int i = 0; i < 7; ++i) Offer(intake, queue);
  EXPECT_EQ(intake.EndBurst(queue), 0) << "full";
  queue.TakeNext();
  queue.PopAnswered();
  EXPECT_EQ(intake.EndBurst(queue), 3);
  EXPECT_EQ(intake.EndBurst(queue), 0);
  for (int i = 0; i < 2; ++i) Offer(intake, queue);
  EXPECT_TRUE(Offer(intake, queue).burst_begins) << "the next one";
  EXPECT_EQ(intake.EndBurst(), 1);
}

TEST_F(EventIntakeTest, ClosedDropsAndFencedOrTooLargeRejects) {
  AppendQueue queue(options_);
  EventIntake intake(WhenFull::kDropOldest, 50);
  const auto large = Offer(intake, queue, 51);
  EXPECT_THAT(large.rejected, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_FALSE(large.refused);
  intake.Fence(absl::FailedPreconditionError("fenced"));
  EXPECT_THAT(Offer(intake, queue).rejected, StatusIs(absl::StatusCode::kFailedPrecondition));
  intake.Close();
  EXPECT_THAT(Offer(intake, queue).why_dropped, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(counters_.queued, 2);
  EXPECT_EQ(counters_.rejected, 2);
  EXPECT_EQ(counters_.dropped, 1);
}

}  // namespace
}  // namespace eventlog
