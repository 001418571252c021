#include "eventlog-svc/client/append_call.h"

#include <memory>

#include "absl/time/clock.h"
#include "eventlog-svc/client/channel.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_event_log.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

class AppendCallTest : public testing::Test {
 protected:
  AppendCall::Handler Counting(bool go_on) {
    return {[this, go_on](const v1::AppendStreamResponse&) {
              absl::MutexLock lock(&mutex_);
              ++answers_;
              return go_on;
            },
            [this] {
              absl::MutexLock lock(&mutex_);
              ended_ = true;
            }};
  }
  bool AwaitAnswers(int count) {
    absl::MutexLock lock(&mutex_);
    const auto there = [&] { return answers_ >= count; };
    return mutex_.AwaitWithTimeout(absl::Condition(&there), absl::Seconds(60));
  }
  bool AwaitEnd() {
    absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(&ended_), absl::Seconds(60));
  }
  static v1::AppendRequest Request() {
    v1::AppendRequest request;
    request.add_events()->set_type("t");
    return request;
  }

  FakeEventLog log_;
  const std::unique_ptr<v1::EventLog::Stub> stub_ = v1::EventLog::NewStub(NewChannel(log_.address()));
  absl::Mutex mutex_;
  int answers_ = 0;
  bool ended_ = false;
};

TEST_F(AppendCallTest, AnswersComeWhileItWrites) {
  AppendCall stream;
  stream.Start(*stub_, Counting(true));
  for (int i = 1; i <= 3; ++i) {
    ASSERT_TRUE(stream.Write(Request()));
    ASSERT_TRUE(AwaitAnswers(1));
  }
  stream.Cancel();
  EXPECT_THAT(stream.Finish(), StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(AppendCallTest, TheServicesEndIsToldWithItsStatus) {
  log_.SetJudge([](const v1::AppendRequest&) {
    return FakeEventLog::Verdict{FakeEventLog::Fate::kDropConnection, {}};
  });
  AppendCall stream;
  stream.Start(*stub_, Counting(true));
  stream.Write(Request());
  EXPECT_TRUE(AwaitEnd());
  EXPECT_THAT(stream.Finish(), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(AppendCallTest, AHandlerCanGiveItUp) {
  AppendCall stream;
  stream.Start(*stub_, Counting(false));
  ASSERT_TRUE(stream.Write(Request()));
  EXPECT_TRUE(AwaitEnd());
  EXPECT_THAT(stream.Finish(), StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(AppendCallTest, ItCanBeCancelledBeforeItIsStarted) {
  log_.Stop();
  AppendCall stream;
  stream.Cancel();
  stream.Start(*stub_, Counting(true));
  EXPECT_TRUE(AwaitEnd());
  EXPECT_THAT(stream.Finish(), StatusIs(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace eventlog
