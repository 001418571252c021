#include "producers/load/load_producer.h"

#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "producers/load/chain_event.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

// Answers at once, or when it is told to; offsets count from 0.
class FakeAppender : public EventAppender {
 public:
  explicit FakeAppender(bool hold = false) : hold_(hold) {}

  absl::Status Append(v1::Event event, AppendDone done) override {
    {
      absl::MutexLock lock(&mutex_);
      if (aborted_) return absl::CancelledError("aborted");
      events_.push_back(std::move(event));
      waiting_.push_back(std::move(done));
    }
    if (!hold_) AnswerOne(absl::OkStatus());
    return absl::OkStatus();
  }
  void Push() override {}
  void Finish() override {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(this, &FakeAppender::Empty));
  }
  void Abort() override {
    {
      absl::MutexLock lock(&mutex_);
      aborted_ = true;
    }
    while (AnswerOne(absl::CancelledError("aborted"))) {
    }
  }
  int64_t connections() const override { return 0; }

  bool AnswerOne(const absl::Status& status) {
    AppendDone done;
    int64_t offset = 0;
    {
      absl::MutexLock lock(&mutex_);
      if (waiting_.empty()) return false;
      done = std::move(waiting_.front());
      waiting_.pop_front();
      offset = next_offset_++;
    }
    done(status.ok() ? absl::StatusOr<int64_t>(offset) : absl::StatusOr<int64_t>(status));
    return true;
  }
  std::vector<v1::Event> AwaitEvents(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto there = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return events_.size() >= count; };
    EXPECT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&there), absl::Seconds(60)));
    return events_;
  }

 private:
  bool Empty() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return waiting_.empty(); }

  const bool hold_;
  absl::Mutex mutex_;
  bool aborted_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<v1::Event> events_ ABSL_GUARDED_BY(mutex_);
  std::deque<AppendDone> waiting_ ABSL_GUARDED_BY(mutex_);
  int64_t next_offset_ ABSL_GUARDED_BY(mutex_) = 0;
};

PayloadSource Payload() { return PayloadSource({}, false, 1, 0); }

absl::Time Deadline() { return absl::Now() + absl::Seconds(60); }

TEST(LoadProducerTest, EventsAreAChainThatTheLedgerKnows) {
  LoadPlan plan;
  plan.budget = 50;
  FakeAppender appender;
  RunLedger ledger("r", 1);
  LoadProducer producer(0, plan, Payload(), appender, ledger);
  ASSERT_TRUE(producer.WaitFinished(Deadline()));
  const std::vector<v1::Event> events = appender.AwaitEvents(50);
  ASSERT_EQ(events.size(), 50u);
  const auto entries = ledger.entries(0);
  ASSERT_EQ(entries.size(), 50u);
  uint64_t previous = 0;
  for (size_t i = 0; i < events.size(); ++i) {
    const auto seal = ReadChainSeal(events[i]);
    ASSERT_TRUE(seal.has_value() && seal->whole);
    EXPECT_EQ(seal->link.sequence, static_cast<int64_t>(i));
    EXPECT_EQ(seal->link.previous, previous);
    EXPECT_EQ(entries[i].hash, seal->hash);
    EXPECT_EQ(entries[i].offset, static_cast<int64_t>(i));
    previous = seal->hash;
  }
}

TEST(LoadProducerTest, ClosedLoadHasSoManyOnTheirWayAndNoMore) {
  LoadPlan plan;
  plan.outstanding_max = 5;
  plan.budget = 7;
  FakeAppender appender(/*hold=*/true);
  RunLedger ledger("r", 1);
  LoadProducer producer(0, plan, Payload(), appender, ledger);
  EXPECT_EQ(appender.AwaitEvents(5).size(), 5u);
  EXPECT_TRUE(appender.AnswerOne(absl::OkStatus()));
  EXPECT_EQ(appender.AwaitEvents(6).size(), 6u);
  EXPECT_TRUE(appender.AnswerOne(absl::OkStatus()));
  appender.AwaitEvents(7);
  while (!producer.finished()) appender.AnswerOne(absl::OkStatus());
  EXPECT_EQ(producer.figures().latency.count(), 7);
}

TEST(LoadProducerTest, EventThatWasDueLongAgoIsSentAndItsLatencyCountsFromThen) {
  // A generator that was held up for ten seconds: what was due meanwhile is neither left out nor made young.
  LoadPlan plan;
  const absl::Time now = absl::Now();
  plan.schedule.emplace(now - absl::Seconds(10), 100, 1);
  plan.end = now;
  FakeAppender appender;
  RunLedger ledger("r", 1);
  LoadProducer producer(0, plan, Payload(), appender, ledger);
  ASSERT_TRUE(producer.WaitFinished(Deadline()));
  const AppendFigures figures = producer.figures();
  EXPECT_EQ(figures.due, 1000);
  EXPECT_EQ(figures.not_sent, 0);
  EXPECT_EQ(figures.latency.count(), 1000);
  EXPECT_GE(figures.latency.max(), absl::Seconds(10));
  EXPECT_GE(figures.latency.CountAbove(absl::Seconds(5)), 490);
  EXPECT_GE(figures.late_for_generator + figures.late_for_log, 990);
  EXPECT_GE(figures.generator_late_max, absl::Seconds(9));
  EXPECT_EQ(appender.AwaitEvents(1000).back().time().seconds(), absl::ToUnixSeconds(now - absl::Milliseconds(10)));
}

TEST(LoadProducerTest, WarmUpIsNotMeasured) {
  LoadPlan plan;
  const absl::Time now = absl::Now();
  plan.schedule.emplace(now - absl::Seconds(10), 100, 1);
  plan.measure_start = now - absl::Seconds(4);
  plan.end = now;
  FakeAppender appender;
  RunLedger ledger("r", 1);
  LoadProducer producer(0, plan, Payload(), appender, ledger);
  ASSERT_TRUE(producer.WaitFinished(Deadline()));
  EXPECT_EQ(producer.figures().acknowledged, 1000);
  EXPECT_EQ(producer.figures().latency.count(), 400);
  EXPECT_EQ(producer.figures().measured_bytes, 400 * 256);
}

TEST(LoadProducerTest, WhatTheEndCutsOffIsCounted) {
  LoadPlan plan;
  const absl::Time now = absl::Now();
  plan.schedule.emplace(now - absl::Seconds(10), 100, 1);
  plan.end = now;
  plan.stop.Notify();
  FakeAppender appender;
  RunLedger ledger("r", 1);
  LoadProducer producer(0, plan, Payload(), appender, ledger);
  ASSERT_TRUE(producer.WaitFinished(Deadline()));
  EXPECT_EQ(producer.figures().due, 1000);
  EXPECT_EQ(producer.figures().not_sent, 1000);
}

TEST(LoadProducerTest, CountOfAnOpenLoadLeavesNothingBehind) {
  LoadPlan plan;
  plan.schedule.emplace(absl::Now() - absl::Seconds(10), 100, 1);
  plan.budget = 30;
  FakeAppender appender;
  RunLedger ledger("r", 1);
  LoadProducer producer(0, plan, Payload(), appender, ledger);
  ASSERT_TRUE(producer.WaitFinished(Deadline()));
  EXPECT_EQ(producer.figures().due, 30);
  EXPECT_EQ(producer.figures().not_sent, 0);
}

TEST(LoadProducerTest, FailuresAreCountedByReasonAndNotAcknowledged) {
  LoadPlan plan;
  plan.outstanding_max = 4;
  plan.budget = 3;
  FakeAppender appender(/*hold=*/true);
  RunLedger ledger("r", 1);
  LoadProducer producer(0, plan, Payload(), appender, ledger);
  appender.AwaitEvents(3);
  appender.AnswerOne(absl::OkStatus());
  appender.AnswerOne(absl::UnavailableError("away"));
  appender.Abort();
  ASSERT_TRUE(producer.WaitFinished(Deadline()));
  const AppendFigures figures = producer.figures();
  EXPECT_EQ(figures.acknowledged, 1);
  EXPECT_EQ(figures.unacknowledged, 2);
  EXPECT_EQ(figures.errors.at("UNAVAILABLE"), 1);
  EXPECT_EQ(figures.errors.at("CANCELLED"), 1);
  EXPECT_EQ(figures.latency.count(), 1);
  EXPECT_EQ(ledger.acknowledged(), 1);
}

TEST(LoadProducerTest, EventThatWasNotTakenIsNoEvent) {
  LoadPlan plan;
  FakeAppender appender;
  appender.Abort();
  RunLedger ledger("r", 1);
  LoadProducer producer(0, plan, Payload(), appender, ledger);
  ASSERT_TRUE(producer.WaitFinished(Deadline()));
  EXPECT_EQ(ledger.sent(), 0);
}

}  // namespace
}  // namespace eventlog
