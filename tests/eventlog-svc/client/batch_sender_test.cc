#include "eventlog-svc/client/batch_sender.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "eventlog-svc/client/channel.h"
#include "glog/logging.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/eventlog-svc/client/event_log_client_fixture.h"
#include "tests/support/fake_event_log.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Fate = FakeEventLog::Fate;

class BatchSenderTest : public testing::Test {
 protected:
  BatchSenderTest() {
    options_.producer_id = std::string(1, 'p');
    options_.backoff = {absl::Milliseconds(1), absl::Milliseconds(20)};
    options_.queue.batch_events_max = 10;
  }
  void Make() { sender_ = std::make_unique<BatchSender>(ServerList(NewChannel(log_.address())), options_); }
  absl::Status Append(const std::string& text) { return sender_->Append(MakeEvent(text), nullptr); }
  // Everything that was appended, in the log, and nobody waits any more.
  bool End() {
    const bool answered = sender_->AwaitAnswered(SafetyNet());
    sender_->Stop();
    return answered;
  }

  FakeEventLog log_;
  BatchSenderOptions options_;
  std::unique_ptr<BatchSender> sender_;
};

// Counts the lines about drops.
class DropLines : public google::LogSink {
 public:
  DropLines() { google::AddLogSink(this); }
  ~DropLines() override { google::RemoveLogSink(this); }
  void send(google::LogSeverity, const char*, const char*, int, const struct tm*, const char* message,
            size_t size) override {
    const std::string line(message, size);
    absl::MutexLock lock(&mutex_);
    if (absl::StrContains(line, "dropped")) lines_.push_back(line);
  }
  std::vector<std::string> lines() {
    absl::MutexLock lock(&mutex_);
    return lines_;
  }

 private:
  absl::Mutex mutex_;
  std::vector<std::string> lines_;
};

TEST_F(BatchSenderTest, TheOldestThatWereNotSentMakeRoomAndHearOfIt) {
  options_.queue.events_max = 5;
  options_.queue.batches_in_flight_max = 1;
  options_.queue.when_full = WhenFull::kDropOldest;
  log_.Hold(true);
  Make();
  ASSERT_THAT(Append("sent"), IsOk());
  ASSERT_TRUE(log_.AwaitRequests(1));
  std::vector<absl::StatusCode> heard;
  for (int i = 0; i < 9; ++i) {
    ASSERT_THAT(sender_->Append(MakeEvent(absl::StrCat(i)),
                                [&](const absl::StatusOr<int64_t>& o) {
                                  if (!o.ok()) heard.push_back(o.status().code());
                                }),
                IsOk());
  }
  log_.Hold(false);
  EXPECT_TRUE(End());
  const EventLogClientCounters counters = sender_->counters();
  EXPECT_THAT(log_.texts(), ElementsAre("sent", "5", "6", "7", "8"));
  EXPECT_EQ(counters.displaced, 10 - 5);
  EXPECT_EQ(counters.dropped, 10 - 5);
  EXPECT_EQ(counters.queued, 10);
  EXPECT_EQ(counters.queued, counters.acknowledged + counters.displaced);
  EXPECT_EQ(heard, std::vector<absl::StatusCode>(heard.size(), absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(heard.size(), 5u);
}

TEST_F(BatchSenderTest, ACallerIsBlockedUntilThereIsRoom) {
  options_.queue.events_max = 3;
  options_.queue.when_full = WhenFull::kBlock;
  options_.queue.block_max = absl::Seconds(60);
  log_.Hold(true);
  Make();
  for (int i = 0; i < 3; ++i) ASSERT_THAT(Append(absl::StrCat(i)), IsOk());
  std::thread blocked([&] { EXPECT_THAT(Append("3"), IsOk()); });
  log_.Hold(false);
  blocked.join();
  EXPECT_TRUE(End());
  EXPECT_EQ(log_.texts(), Numbers(4));
  EXPECT_EQ(sender_->counters().dropped, 0);
}

TEST_F(BatchSenderTest, ACallerIsBlockedUntilItsDeadlineAndThenDropsExactlyItsOwn) {
  options_.queue.events_max = 3;
  options_.queue.when_full = WhenFull::kBlock;
  options_.queue.block_max = absl::Milliseconds(30);
  log_.Hold(true);
  Make();
  for (int i = 0; i < 3; ++i) ASSERT_THAT(Append(absl::StrCat(i)), IsOk());
  const absl::Time begin = absl::Now();
  EXPECT_THAT(Append("late"), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_GE(absl::Now() - begin, absl::Milliseconds(30));
  EXPECT_EQ(sender_->counters().dropped, 1);
  log_.Hold(false);
  EXPECT_TRUE(End());
  EXPECT_EQ(log_.texts(), Numbers(3));
}

TEST_F(BatchSenderTest, ABurstOfDropsIsTwoLinesWithTheCount) {
  options_.queue.events_max = 10;
  log_.Hold(true);
  Make();
  DropLines lines;
  for (int burst = 0; burst < 2; ++burst) {
    for (int i = 0; i < 10; ++i) ASSERT_THAT(Append("x"), IsOk());
    for (int i = 0; i < 3'000 + burst; ++i) EXPECT_FALSE(Append("y").ok());
    log_.Hold(false);
    ASSERT_TRUE(sender_->AwaitAnswered(SafetyNet()));
    log_.Hold(true);
  }
  sender_->Stop();
  EXPECT_THAT(lines.lines(), ElementsAre(HasSubstr("queue is full"), HasSubstr("3000 events were dropped"),
                                         HasSubstr("queue is full"), HasSubstr("3001 events were dropped")));
}

TEST_F(BatchSenderTest, ALingeringBatchWaitsForItsTimeOrForAFlush) {
  options_.queue.linger = absl::Hours(1);
  Make();
  for (int i = 0; i < 10; ++i) ASSERT_THAT(Append(absl::StrCat(i)), IsOk());
  EXPECT_TRUE(log_.AwaitEvents(10)) << "a full batch does not wait";
  ASSERT_THAT(Append("10"), IsOk());
  EXPECT_EQ(log_.requests().size(), 1u);
  EXPECT_TRUE(sender_->AwaitAnswered(SafetyNet())) << "who flushes does not wait either";
  EXPECT_EQ(log_.texts(), Numbers(11));
}

TEST_F(BatchSenderTest, TheLingerEndsByItself) {
  options_.queue.linger = absl::Milliseconds(50);
  Make();
  const absl::Time begin = absl::Now();
  for (int i = 0; i < 3; ++i) ASSERT_THAT(Append(absl::StrCat(i)), IsOk());
  ASSERT_TRUE(log_.AwaitRequests(1));
  EXPECT_GE(absl::Now() - begin, absl::Milliseconds(50));
  EXPECT_TRUE(End());
  EXPECT_EQ(log_.texts(), Numbers(3));
}

TEST_F(BatchSenderTest, AnotherAddressOfTheSameLogGoesOnWhereTheFirstFailed) {
  // What the first address stored without an answer is a repeat at the second one. Both are one log here, as a stopped
  // and started service is: the list only has to move on.
  log_.SetJudge([seen = std::make_shared<std::atomic<int>>(0)](const v1::AppendRequest&) {
    return FakeEventLog::Verdict{++*seen % 3 == 0 ? Fate::kStoreAndDropConnection : Fate::kStore, {}};
  });
  FakeEventLog away;
  const std::string address = away.address();
  away.Stop();
  auto servers = ServerList::Parse(absl::StrCat(address, ",", log_.address(), ",", log_.address()));
  ASSERT_THAT(servers, IsOk());
  sender_ = std::make_unique<BatchSender>(*servers, options_);
  for (const std::string& text : Numbers(300)) ASSERT_THAT(Append(text), IsOk());
  EXPECT_TRUE(End());
  EXPECT_EQ(log_.texts(), Numbers(300));
  EXPECT_TRUE(away.texts().empty());
}

class CountingObserver : public EventLogClientObserver {
 public:
  void OnBatchAnswered(const AnsweredBatch& batch) override {
    absl::MutexLock lock(&mutex_);
    (batch.outcome.ok() ? stored : refused) += batch.events;
    bytes += batch.bytes;
    duplicates += batch.duplicate ? 1 : 0;
  }
  void OnDropped(int64_t events) override {
    absl::MutexLock lock(&mutex_);
    dropped += events;
  }
  void OnQueueDepth(int64_t events, int64_t) override {
    absl::MutexLock lock(&mutex_);
    depth_max = std::max(depth_max, events);
  }
  int64_t stored = 0, refused = 0, bytes = 0, duplicates = 0, dropped = 0, depth_max = 0;

 private:
  absl::Mutex mutex_;
};

TEST_F(BatchSenderTest, AnObserverHearsOfAllThatHappens) {
  CountingObserver observer;
  options_.observer = &observer;
  options_.queue.events_max = 20;
  log_.SetJudge([first = std::make_shared<std::atomic<bool>>(true)](const v1::AppendRequest& request) {
    if (request.events(0).text() == "bad") return FakeEventLog::Verdict{Fate::kRefuse, RpcError(5, "LOG_NOT_FOUND")};
    return FakeEventLog::Verdict{first->exchange(false) ? Fate::kStoreAndDropConnection : Fate::kStore, {}};
  });
  log_.Hold(true);
  Make();
  for (int i = 0; i < 20; ++i) ASSERT_THAT(Append("good"), IsOk());
  for (int i = 0; i < 7; ++i) EXPECT_FALSE(Append("dropped").ok());
  log_.Hold(false);
  ASSERT_TRUE(sender_->AwaitAnswered(SafetyNet()));
  ASSERT_THAT(Append("bad"), IsOk());
  EXPECT_TRUE(End());
  EXPECT_EQ(observer.stored, 20);
  EXPECT_EQ(observer.refused, 1);
  EXPECT_EQ(observer.dropped, 7);
  EXPECT_EQ(observer.depth_max, 20);
  EXPECT_EQ(observer.duplicates, 1);
  EXPECT_EQ(observer.bytes,
            static_cast<int64_t>(20 * MakeEvent("good").ByteSizeLong() + MakeEvent("bad").ByteSizeLong()));
}

}  // namespace
}  // namespace eventlog
