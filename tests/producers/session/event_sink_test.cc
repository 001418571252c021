#include "producers/session/event_sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/time/clock.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using ::testing::ElementsAre;

v1::Event Named(const std::string& id, size_t bytes = 0) {
  v1::Event event;
  event.set_id(id);
  event.set_text(std::string(bytes, 'x'));
  return event;
}

// Where events are kept, and what it answers.
class Keeper {
 public:
  absl::Status Add(const std::vector<v1::Event>& events) ABSL_LOCKS_EXCLUDED(mutex_) {
    const absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&open_));
    ++calls_;
    if (failures_ > 0)
      --failures_;
    else
      answer_ = absl::OkStatus();
    if (!answer_.ok()) return answer_;
    for (const v1::Event& event : events) ids_.push_back(event.id());
    return absl::OkStatus();
  }
  void Fail(absl::Status status, int times) {
    const absl::MutexLock lock(&mutex_);
    answer_ = std::move(status);
    failures_ = times;
  }
  void SetOpen(bool open) {
    const absl::MutexLock lock(&mutex_);
    open_ = open;
  }
  std::vector<std::string> ids() {
    const absl::MutexLock lock(&mutex_);
    return ids_;
  }
  void WaitForCalls(int count) {
    const absl::MutexLock lock(&mutex_);
    awaited_ = count;
    mutex_.Await(absl::Condition(this, &Keeper::Called));
  }

 private:
  bool Called() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return calls_ >= awaited_; }
  absl::Mutex mutex_;
  bool open_ ABSL_GUARDED_BY(mutex_) = true;
  int calls_ ABSL_GUARDED_BY(mutex_) = 0;
  int awaited_ ABSL_GUARDED_BY(mutex_) = 0;
  int failures_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status answer_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> ids_ ABSL_GUARDED_BY(mutex_);
};

EventSinkOptions Options(Keeper& keeper) {
  EventSinkOptions options;
  options.add = [&keeper](const std::vector<v1::Event>& events) { return keeper.Add(events); };
  options.retry_interval = absl::Milliseconds(1);
  return options;
}

TEST(EventSinkTest, WhatIsAddedIsKeptInItsOrder) {
  Keeper keeper;
  EventSink sink(Options(keeper));
  sink.Add(Named("1"));
  EXPECT_TRUE(sink.AddOutput(Named("2")));
  sink.Add(Named("3"));
  const EventSinkCounts counts = sink.Close(absl::InfiniteFuture());
  EXPECT_EQ(counts.added, 3);
  EXPECT_EQ(counts.events_dropped + counts.output_dropped, 0);
  EXPECT_THAT(keeper.ids(), ElementsAre("1", "2", "3"));
}

TEST(EventSinkTest, AddingNeverWaitsAndOutputTakesNoPlaceOfOthers) {
  Keeper keeper;
  keeper.SetOpen(false);
  EventSinkOptions options = Options(keeper);
  options.output_bytes_max = 1000;
  options.events_max = 100;
  EventSink sink(options);
  int taken = 0;
  for (int i = 0; i < 1000; ++i) taken += sink.AddOutput(Named("o", 400)) ? 1 : 0;
  // Two of them wait; those that the thread had before are not counted any more.
  EXPECT_GE(taken, 2);
  EXPECT_LE(taken, 4);
  sink.Add(Named("end"));
  keeper.SetOpen(true);
  const EventSinkCounts counts = sink.Close(absl::InfiniteFuture());
  EXPECT_EQ(counts.added, taken + 1);
  EXPECT_EQ(keeper.ids().back(), "end");
}

TEST(EventSinkTest, WhatIsTooMuchIsCounted) {
  Keeper keeper;
  keeper.SetOpen(false);
  EventSinkOptions options = Options(keeper);
  options.events_max = 10;
  EventSink sink(options);
  for (int i = 0; i < 100; ++i) sink.Add(Named("e"));
  keeper.SetOpen(true);
  const EventSinkCounts counts = sink.Close(absl::InfiniteFuture());
  EXPECT_EQ(counts.added + counts.events_dropped, 100);
  EXPECT_GE(counts.events_dropped, 80);
}

TEST(EventSinkTest, AFailureIsTriedAgainAndNothingComesTwiceOrOutOfOrder) {
  Keeper keeper;
  keeper.Fail(absl::UnavailableError("busy"), 5);
  EventSink sink(Options(keeper));
  sink.Add(Named("1"));
  sink.Add(Named("2"));
  EXPECT_TRUE(sink.AddOutput(Named("3")));
  const EventSinkCounts counts = sink.Close(absl::InfiniteFuture());
  EXPECT_EQ(counts.added, 3);
  EXPECT_THAT(counts.last_error, StatusIs(absl::StatusCode::kUnavailable, "busy"));
  EXPECT_THAT(keeper.ids(), ElementsAre("1", "2", "3"));
}

TEST(EventSinkTest, WhereThereIsNoRoomOutputIsGivenUpForTheRest) {
  Keeper keeper;
  keeper.Fail(absl::ResourceExhaustedError("full"), 3);
  EventSink sink(Options(keeper));
  EXPECT_TRUE(sink.AddOutput(Named("output")));
  sink.Add(Named("state"));
  keeper.WaitForCalls(4);
  const EventSinkCounts counts = sink.Close(absl::InfiniteFuture());
  EXPECT_EQ(counts.output_dropped, 1);
  EXPECT_EQ(counts.events_dropped, 0);
  EXPECT_THAT(keeper.ids(), ElementsAre("state"));
}

TEST(EventSinkTest, AFlushKnowsWhetherAllIsKept) {
  Keeper keeper;
  EventSink sink(Options(keeper));
  EXPECT_TRUE(sink.Flush(absl::InfiniteFuture()));
  sink.Add(Named("1"));
  EXPECT_TRUE(sink.Flush(absl::InfiniteFuture()));
  EXPECT_THAT(keeper.ids(), ElementsAre("1"));
  keeper.SetOpen(false);
  sink.Add(Named("2"));
  EXPECT_FALSE(sink.Flush(absl::Now() + absl::Milliseconds(1)));
  keeper.Fail(absl::ResourceExhaustedError("full"), 1'000'000'000);
  keeper.SetOpen(true);
  EXPECT_FALSE(sink.Flush(absl::InfiniteFuture())) << "it does not wait for what does not come";
}

TEST(EventSinkTest, TheEndDoesNotWaitForWhatNoTryHelps) {
  Keeper keeper;
  keeper.Fail(absl::ResourceExhaustedError("full"), 1'000'000'000);
  EventSink sink(Options(keeper));
  sink.Add(Named("1"));
  const EventSinkCounts counts = sink.Close(absl::InfiniteFuture());
  EXPECT_EQ(counts.events_dropped, 1);
  EXPECT_EQ(counts.added, 0);
  sink.Add(Named("2"));
  EXPECT_EQ(sink.Close(absl::InfiniteFuture()).events_dropped, 2);
}

TEST(EventSinkTest, TheEndWaitsUntilItsDeadlineForWhoeverIsBusy) {
  Keeper keeper;
  keeper.Fail(absl::UnavailableError("busy"), 1'000'000'000);
  EventSink sink(Options(keeper));
  sink.Add(Named("1"));
  EXPECT_EQ(sink.Close(absl::Now() + absl::Milliseconds(1)).events_dropped, 1);
}

}  // namespace
}  // namespace eventlog
