#include "producers/load/load_follower.h"

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "producers/load/chain_event.h"
#include "tests/conformance/live_service.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

v1::Event OfRun(const std::string& run, absl::Time due) {
  v1::Event event;
  event.set_type(kChainType);
  event.mutable_time()->set_seconds(absl::ToUnixSeconds(due));
  SealChainEvent({run, 0, 0, 0}, event);
  return event;
}

absl::Time Deadline() { return absl::Now() + absl::Seconds(60); }

TEST(LoadFollowerTest, EventsOfTheRunAreCountedAndTheirLatencyIsFromWhenTheyWereDue) {
  LiveService service("memory");
  const absl::Time now = absl::Now();
  LoadFollower follower(service.channel(), "events", 0, "r");
  follower.MeasureFrom(now - absl::Seconds(60));
  ASSERT_TRUE(follower.AwaitStarted(Deadline()));
  v1::AppendRequest request;
  *request.add_events() = OfRun("r", now - absl::Seconds(50));
  *request.add_events() = OfRun("r", now - absl::Seconds(70));  // of the warm-up
  *request.add_events() = OfRun("other", now);
  *request.add_events() = EventOf("session.created", "{}");
  ASSERT_THAT(service.Append(request), IsOk());
  ASSERT_TRUE(follower.AwaitOffset(4, Deadline()));
  const LoadFollowerFigures figures = follower.figures();
  EXPECT_EQ(figures.delivered, 2);
  EXPECT_EQ(figures.latency.count(), 1);
  EXPECT_GE(figures.latency.max(), absl::Seconds(49));
  EXPECT_EQ(figures.gaps, 0);
}

TEST(LoadFollowerTest, LogThatIsNotThereEndsIt) {
  LiveService service("memory");
  LoadFollower follower(service.channel(), "nowhere", 0, "r");
  EXPECT_FALSE(follower.AwaitStarted(Deadline()));
  EXPECT_THAT(follower.figures().end, HasReason("LOG_NOT_FOUND"));
  EXPECT_FALSE(follower.AwaitOffset(1, Deadline()));
}

}  // namespace
}  // namespace eventlog
