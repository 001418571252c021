#include "producers/load/stream_appender.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/client/channel.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_event_log.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::ElementsAre;

// What became of each event, in the order of the answers.
class Outcomes {
 public:
  AppendDone Next() {
    return [this, number = count_++](const absl::StatusOr<int64_t>& offset) {
      absl::MutexLock lock(&mutex_);
      texts_.push_back(absl::StrCat(
          number, "=", offset.ok() ? absl::StrCat(*offset) : absl::StatusCodeToString(offset.status().code())));
    };
  }
  std::vector<std::string> Await(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto there = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return texts_.size() >= count; };
    EXPECT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&there), absl::Seconds(60)));
    return texts_;
  }

 private:
  int count_ = 0;
  absl::Mutex mutex_;
  std::vector<std::string> texts_ ABSL_GUARDED_BY(mutex_);
};

v1::Event Text(const std::string& text) {
  v1::Event event;
  event.set_type("a");
  event.set_text(text);
  return event;
}

// Of the item with that number, over all streams.
FakeEventLog::Judge RefuseItem(int item, FakeEventLog::Verdict verdict) {
  return [item, verdict, count = std::make_shared<int>(0)](const v1::AppendRequest&) {
    return (*count)++ == item ? verdict : FakeEventLog::Verdict();
  };
}

class StreamAppenderTest : public testing::Test {
 protected:
  FakeEventLog log_;
  Outcomes outcomes_;
};

TEST_F(StreamAppenderTest, EventsAreGatheredIntoBatchesAndAnsweredInOrder) {
  StreamAppender appender(NewChannel(log_.address()), "", 3);
  for (int i = 0; i < 4; ++i) EXPECT_THAT(appender.Append(Text("x"), outcomes_.Next()), IsOk());
  EXPECT_THAT(outcomes_.Await(3), ElementsAre("0=0", "1=1", "2=2"));
  EXPECT_EQ(log_.requests().size(), 1u) << "the fourth waits for its batch";
  appender.Finish();
  EXPECT_EQ(outcomes_.Await(4).size(), 4u);
  EXPECT_EQ(appender.connections(), 1);
}

TEST_F(StreamAppenderTest, WhatALostStreamDidNotAnswerHasFailedAndTheNextGoesOverANewOne) {
  log_.SetJudge(RefuseItem(1, {FakeEventLog::Fate::kDropConnection, {}}));
  StreamAppender appender(NewChannel(log_.address()), "", 1);
  EXPECT_THAT(appender.Append(Text("a"), outcomes_.Next()), IsOk());
  EXPECT_THAT(outcomes_.Await(1), ElementsAre("0=0"));
  EXPECT_THAT(appender.Append(Text("b"), outcomes_.Next()), IsOk());
  EXPECT_THAT(outcomes_.Await(2), ElementsAre("0=0", "1=UNAVAILABLE"));
  EXPECT_THAT(appender.Append(Text("c"), outcomes_.Next()), IsOk());
  appender.Finish();
  EXPECT_EQ(outcomes_.Await(3).size(), 3u);
  EXPECT_THAT(log_.texts().front(), "a");
  EXPECT_EQ(appender.connections(), 2);
}

TEST_F(StreamAppenderTest, RefusalIsToldWithItsReasonAndTheNextGoesOverANewStream) {
  log_.SetJudge(RefuseItem(0, {FakeEventLog::Fate::kRefuse, RpcError(8, "QUEUE_FULL")}));
  StreamAppender appender(NewChannel(log_.address()), "", 1);
  EXPECT_THAT(appender.Append(Text("a"), outcomes_.Next()), IsOk());
  EXPECT_THAT(outcomes_.Await(1), ElementsAre("0=RESOURCE_EXHAUSTED"));
  EXPECT_THAT(appender.Append(Text("b"), outcomes_.Next()), IsOk());
  appender.Finish();
  EXPECT_THAT(outcomes_.Await(2), ElementsAre("0=RESOURCE_EXHAUSTED", "1=0"));
  EXPECT_EQ(appender.connections(), 2);
}

TEST_F(StreamAppenderTest, AbortEndsWhatWaits) {
  log_.Hold(true);
  StreamAppender appender(NewChannel(log_.address()), "", 1);
  EXPECT_THAT(appender.Append(Text("a"), outcomes_.Next()), IsOk());
  ASSERT_TRUE(log_.AwaitRequests(1));
  appender.Abort();
  appender.Finish();
  EXPECT_THAT(outcomes_.Await(1), ElementsAre("0=CANCELLED"));
  EXPECT_THAT(appender.Append(Text("b"), outcomes_.Next()), StatusIs(absl::StatusCode::kCancelled));
  log_.Hold(false);
}

TEST_F(StreamAppenderTest, ServiceThatIsAwayFailsTheEventAndComesBack) {
  log_.Stop();
  StreamAppender appender(NewChannel(log_.address()), "", 1);
  EXPECT_THAT(appender.Append(Text("a"), outcomes_.Next()), IsOk());
  EXPECT_THAT(outcomes_.Await(1), ElementsAre("0=UNAVAILABLE"));
  log_.Start();
  // Until gRPC has found the way back.
  std::string last;
  int sent = 0;
  do {
    ++sent;
    EXPECT_THAT(appender.Append(Text("b"), outcomes_.Next()), IsOk());
    last = outcomes_.Await(static_cast<size_t>(sent) + 1).back();
  } while (last == absl::StrCat(sent, "=UNAVAILABLE"));
  EXPECT_EQ(last, absl::StrCat(sent, "=0"));
}

}  // namespace
}  // namespace eventlog
