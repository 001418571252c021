#include "eventlog-svc/client/event_log_client.h"

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "eventlog-svc/client/rpc_error.h"
#include "glog/logging.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/eventlog-svc/client/event_log_client_fixture.h"
#include "tests/support/fake_event_log.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::HasSubstr;
using testing::Not;
using Fate = FakeEventLog::Fate;

using EventLogClientTest = EventLogClientFixture;

TEST_F(EventLogClientTest, TellsEachEventItsOffset) {
  Connect();
  std::vector<int64_t> offsets;  // of the client's thread until Close
  for (int i = 0; i < 25; ++i) {
    ASSERT_THAT(
        client_->AppendEvent(MakeEvent("x"), [&](absl::StatusOr<int64_t> o) { offsets.push_back(o.value_or(-1)); }),
        IsOk());
  }
  EXPECT_TRUE(client_->Close(SafetyNet()));
  ASSERT_EQ(offsets.size(), 25u);
  for (int64_t i = 0; i < 25; ++i) EXPECT_EQ(offsets[static_cast<size_t>(i)], i);
}

TEST_F(EventLogClientTest, AStoredBatchWithoutItsAnswerIsStoredOnce) {
  EveryNth(3, Fate::kStoreAndDropConnection);
  Connect();
  AppendNumbers(500);
  EXPECT_TRUE(client_->Close(SafetyNet()));
  EXPECT_EQ(log_.texts(), Numbers(500));
  EXPECT_EQ(client_->counters().acknowledged, 500);
  EXPECT_GT(client_->counters().connections, 5);
}

TEST_F(EventLogClientTest, ALostBatchIsSentAgainInItsPlace) {
  EveryNth(4, Fate::kDropConnection);
  Connect();
  AppendNumbers(500);
  EXPECT_TRUE(client_->Close(SafetyNet()));
  EXPECT_EQ(log_.texts(), Numbers(500));
}

TEST_F(EventLogClientTest, ARepeatIsTheSameToTheByte) {
  EveryNth(2, Fate::kStoreAndDropConnection);
  Connect();
  AppendNumbers(200);
  EXPECT_TRUE(client_->Close(SafetyNet()));
  std::map<int64_t, std::string> first;
  int repeats = 0;
  for (const v1::AppendRequest& request : log_.requests()) {
    const auto [place, is_new] = first.emplace(request.producer().first_sequence(), request.SerializeAsString());
    if (is_new) continue;
    ++repeats;
    EXPECT_EQ(place->second, request.SerializeAsString());
  }
  EXPECT_GT(repeats, 0);
}

TEST_F(EventLogClientTest, GoesOnWhenTheServiceComesBackOnItsPort) {
  Connect();
  AppendNumbers(10);
  ASSERT_TRUE(client_->Flush(SafetyNet()));
  log_.Stop();
  for (int i = 10; i < 40; ++i) ASSERT_THAT(client_->AppendEvent(MakeEvent(absl::StrCat(i))), IsOk());
  EXPECT_FALSE(client_->Flush(absl::Now() + absl::Milliseconds(50)));
  log_.Start();
  EXPECT_TRUE(client_->Close(SafetyNet()));
  EXPECT_EQ(log_.texts(), Numbers(40));
}

TEST_F(EventLogClientTest, AFullQueueDropsAndCounts) {
  options_.queue.events_max = 5;
  log_.Hold(true);
  Connect();
  AppendNumbers(5);
  bool called = false;
  EXPECT_THAT(client_->AppendEvent(MakeEvent("x"), [&](const absl::StatusOr<int64_t>&) { called = true; }),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_FALSE(client_->WaitForRoom(1, absl::Now() + absl::Milliseconds(20)));
  log_.Hold(false);
  EXPECT_TRUE(client_->WaitForRoom(1, SafetyNet()));
  EXPECT_TRUE(client_->Close(SafetyNet()));
  EXPECT_FALSE(called);
  EXPECT_EQ(client_->counters().dropped, 1);
  EXPECT_EQ(client_->counters().queued, 5);
  EXPECT_EQ(log_.texts(), Numbers(5));
}

TEST_F(EventLogClientTest, CloseGivesUpAtItsDeadlineAndSaysSo) {
  log_.Hold(true);
  Connect();
  std::vector<absl::StatusCode> codes;
  for (int i = 0; i < 3; ++i) {
    ASSERT_THAT(client_->AppendEvent(MakeEvent("x"),
                                     [&](const absl::StatusOr<int64_t>& o) { codes.push_back(o.status().code()); }),
                IsOk());
  }
  EXPECT_FALSE(client_->Close(absl::Now() + absl::Milliseconds(50)));
  EXPECT_EQ(codes, std::vector<absl::StatusCode>(3, absl::StatusCode::kUnavailable));
  EXPECT_EQ(client_->counters().rejected, 3);
  EXPECT_THAT(client_->AppendEvent(MakeEvent("y")), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(client_->counters().dropped, 1);
}

TEST_F(EventLogClientTest, AnEventThatNoServiceReadsIsRejectedHere) {
  options_.event_bytes_max = 100;
  Connect();
  absl::Status status;
  ASSERT_THAT(client_->AppendEvent(MakeEvent(std::string(200, 'x')),
                                   [&](const absl::StatusOr<int64_t>& offset) { status = offset.status(); }),
              IsOk());
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(client_->counters().rejected, 1);
}

TEST_F(EventLogClientTest, BatchesFillWhileAnAnswerIsOutstanding) {
  log_.Hold(true);
  Connect();
  AppendNumbers(1);
  ASSERT_TRUE(log_.AwaitRequests(1));
  for (int i = 1; i < 60; ++i) ASSERT_THAT(client_->AppendEvent(MakeEvent(absl::StrCat(i))), IsOk());
  log_.Hold(false);
  EXPECT_TRUE(client_->Close(SafetyNet()));
  EXPECT_EQ(log_.texts(), Numbers(60));
  EXPECT_LT(log_.requests().size(), 15u);
}

// Asks the client something whenever a line is logged, which a line that is logged under the client's lock would never
// survive.
class AskingSink : public google::LogSink {
 public:
  explicit AskingSink(const EventLogClient& client) : client_(client) { google::AddLogSink(this); }
  ~AskingSink() override { google::RemoveLogSink(this); }
  void send(google::LogSeverity, const char*, const char*, int, const struct tm*, const char* message,
            size_t size) override {
    client_.counters();
    if (absl::StrContains(absl::string_view(message, size), "event dropped")) ++dropped;
    if (absl::StrContains(absl::string_view(message, size), "event rejected")) ++rejected;
    if (absl::StrContains(absl::string_view(message, size), "neither a result nor an error")) ++distrusted;
    if (absl::StrContains(absl::string_view(message, size), "after a pause")) ++paused;
  }

  std::atomic<int> dropped{0};
  std::atomic<int> rejected{0};
  std::atomic<int> distrusted{0};
  std::atomic<int> paused{0};

 private:
  const EventLogClient& client_;
};

TEST_F(EventLogClientTest, NothingIsLoggedUnderTheLock) {
  options_.backoff = {absl::Microseconds(1), absl::Microseconds(1)};
  Connect();
  AskingSink sink(*client_);
  log_.SetJudge([seen = std::make_shared<std::atomic<int>>(0)](const v1::AppendRequest&) {
    const int number = ++*seen;
    if (number < 30) return FakeEventLog::Verdict{Fate::kDropConnection, {}};
    if (number == 30) return FakeEventLog::Verdict{Fate::kAnswerNothing, {}};
    if (number == 31) return FakeEventLog::Verdict();
    return FakeEventLog::Verdict{Fate::kRefuse, RpcError(5, "LOG_NOT_FOUND")};
  });
  AppendNumbers(1);
  ASSERT_TRUE(client_->Flush(SafetyNet()));
  // One line stands for many: as many as surely bring it.
  for (int i = 0; i < 101; ++i) {
    ASSERT_THAT(client_->AppendEvent(MakeEvent("refused")), IsOk());
    ASSERT_TRUE(client_->Flush(SafetyNet()));
  }
  EXPECT_TRUE(client_->Close(SafetyNet()));
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(client_->AppendEvent(MakeEvent("dropped")).ok());
  EXPECT_GT(sink.dropped, 0);
  EXPECT_GT(sink.rejected, 0);
  EXPECT_GT(sink.distrusted, 0);
  EXPECT_GT(sink.paused, 0);
}

TEST_F(EventLogClientTest, WhatCloseGivesUpHearsOfTheLastFailure) {
  log_.SetJudge([](const v1::AppendRequest&) {
    return FakeEventLog::Verdict{Fate::kRefuse, RpcError(14, "STORAGE_FAILED")};
  });
  Connect();
  absl::Status status;
  ASSERT_THAT(client_->AppendEvent(MakeEvent("x"), [&](const absl::StatusOr<int64_t>& o) { status = o.status(); }),
              IsOk());
  ASSERT_TRUE(log_.AwaitRequests(2));
  EXPECT_FALSE(client_->Close(absl::Now()));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable, HasSubstr("scripted STORAGE_FAILED")));
  EXPECT_EQ(RpcErrorReason(status), "STORAGE_FAILED");
}

TEST_F(EventLogClientTest, AFailureThatIsOverIsNotTold) {
  log_.SetJudge([seen = std::make_shared<std::atomic<int>>(0)](const v1::AppendRequest&) {
    return ++*seen == 1 ? FakeEventLog::Verdict{Fate::kRefuse, RpcError(14, "STORAGE_FAILED")}
                        : FakeEventLog::Verdict();
  });
  Connect();
  AppendNumbers(1);
  ASSERT_TRUE(client_->Flush(SafetyNet()));
  log_.Hold(true);
  absl::Status status;
  ASSERT_THAT(client_->AppendEvent(MakeEvent("x"), [&](const absl::StatusOr<int64_t>& o) { status = o.status(); }),
              IsOk());
  ASSERT_TRUE(log_.AwaitRequests(3));
  EXPECT_FALSE(client_->Close(absl::Now()));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable, Not(HasSubstr("STORAGE_FAILED"))));
}

}  // namespace
}  // namespace eventlog
