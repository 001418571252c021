#include "eventlog-svc/client/event_log_client.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "eventlog-svc/client/channel.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_event_log.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using Fate = FakeEventLog::Fate;

absl::Time SafetyNet() { return absl::Now() + absl::Seconds(60); }

v1::Event MakeEvent(const std::string& text) {
  v1::Event event;
  event.set_type("test");
  event.set_text(text);
  return event;
}

std::vector<std::string> Numbers(int count) {
  std::vector<std::string> texts;
  for (int i = 0; i < count; ++i) texts.push_back(absl::StrCat(i));
  return texts;
}

class EventLogClientTest : public testing::Test {
 protected:
  EventLogClientTest() {
    options_.backoff = {absl::Milliseconds(1), absl::Milliseconds(20)};
    options_.queue.batch_events_max = 10;
  }

  void Connect() { client_ = std::make_unique<EventLogClient>(NewChannel(log_.address()), options_); }
  void AppendNumbers(int count) {
    for (const std::string& text : Numbers(count)) ASSERT_THAT(client_->AppendEvent(MakeEvent(text)), IsOk());
  }
  // Refuses batches that hold this text.
  void RefuseText(const std::string& text, google::rpc::Status refusal) {
    log_.SetJudge([text, refusal](const v1::AppendRequest& request) {
      const bool found = std::any_of(request.events().begin(), request.events().end(),
                                     [&](const v1::Event& event) { return event.text() == text; });
      return found ? FakeEventLog::Verdict{Fate::kRefuse, refusal} : FakeEventLog::Verdict();
    });
  }
  // Gives every n-th item this fate.
  void EveryNth(int n, Fate fate) {
    log_.SetJudge([n, fate, seen = std::make_shared<std::atomic<int>>(0)](const v1::AppendRequest&) {
      return FakeEventLog::Verdict{++*seen % n == 0 ? fate : Fate::kStore, {}};
    });
  }

  FakeEventLog log_;
  EventLogClientOptions options_;
  std::unique_ptr<EventLogClient> client_;
};

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

TEST_F(EventLogClientTest, AFullServiceIsTriedAgain) {
  log_.SetJudge([seen = std::make_shared<std::atomic<int>>(0)](const v1::AppendRequest&) {
    return ++*seen % 3 != 0 ? FakeEventLog::Verdict{Fate::kRefuse, RpcError(8, "QUEUE_FULL", absl::Milliseconds(2))}
                            : FakeEventLog::Verdict();
  });
  Connect();
  AppendNumbers(100);
  EXPECT_TRUE(client_->Close(SafetyNet()));
  EXPECT_EQ(log_.texts(), Numbers(100));
  EXPECT_EQ(client_->counters().rejected, 0);
}

TEST_F(EventLogClientTest, WaitsAsLongAsTheServiceAsks) {
  log_.SetJudge([seen = std::make_shared<std::atomic<int>>(0)](const v1::AppendRequest&) {
    return ++*seen == 1 ? FakeEventLog::Verdict{Fate::kRefuse, RpcError(8, "QUEUE_FULL", absl::Milliseconds(400))}
                        : FakeEventLog::Verdict();
  });
  Connect();
  const absl::Time begin = absl::Now();
  AppendNumbers(1);
  EXPECT_TRUE(client_->Close(SafetyNet()));
  EXPECT_GE(absl::Now() - begin, absl::Milliseconds(400));
}

TEST_F(EventLogClientTest, OneBadEventIsRejectedAloneAmongItsNeighbours) {
  RefuseText("37", RpcError(3, "EVENT_INVALID"));
  Connect();
  std::vector<int> refused;
  log_.Hold(true);
  for (int i = 0; i < 100; ++i) {
    ASSERT_THAT(client_->AppendEvent(MakeEvent(absl::StrCat(i)),
                                     [&refused, i](const absl::StatusOr<int64_t>& offset) {
                                       if (!offset.ok()) refused.push_back(i);
                                     }),
                IsOk());
  }
  log_.Hold(false);
  EXPECT_TRUE(client_->Close(SafetyNet()));
  std::vector<std::string> right = Numbers(100);
  right.erase(right.begin() + 37);
  EXPECT_EQ(log_.texts(), right);
  EXPECT_THAT(refused, ElementsAre(37));
  EXPECT_EQ(client_->counters().rejected, 1);
  EXPECT_EQ(client_->counters().acknowledged, 99);
}

TEST_F(EventLogClientTest, SplittingALargeBatchUnderLossStoresNothingTwice) {
  options_.queue.batch_events_max = 1'000;
  log_.SetJudge([seen = std::make_shared<std::atomic<int>>(0)](const v1::AppendRequest& request) {
    for (const v1::Event& event : request.events()) {
      if (std::stoi(event.text()) % 7 == 3) return FakeEventLog::Verdict{Fate::kRefuse, RpcError(3, "EVENT_INVALID")};
    }
    return FakeEventLog::Verdict{++*seen % 10 == 0 ? Fate::kStoreAndDropConnection : Fate::kStore, {}};
  });
  Connect();
  log_.Hold(true);
  AppendNumbers(700);
  log_.Hold(false);
  EXPECT_TRUE(client_->Close(SafetyNet()));
  std::vector<std::string> right;
  for (int i = 0; i < 700; ++i) {
    if (i % 7 != 3) right.push_back(absl::StrCat(i));
  }
  EXPECT_EQ(log_.texts(), right);
  EXPECT_EQ(client_->counters().rejected, 100);
}

TEST_F(EventLogClientTest, ARefusalThatHoldsForAllIsNotSplit) {
  log_.SetJudge([](const v1::AppendRequest&) {
    return FakeEventLog::Verdict{Fate::kRefuse, RpcError(5, "LOG_NOT_FOUND")};
  });
  Connect();
  log_.Hold(true);
  AppendNumbers(100);
  log_.Hold(false);
  EXPECT_TRUE(client_->Close(SafetyNet()));
  EXPECT_EQ(client_->counters().rejected, 100);
  EXPECT_LT(client_->counters().connections, 30) << "one for each batch, not for each event";
}

TEST_F(EventLogClientTest, AnAnswerTooManyDoesNotAcknowledgeAnything) {
  EveryNth(1, Fate::kAnswerTwice);
  Connect();
  AppendNumbers(1);
  ASSERT_TRUE(client_->Flush(SafetyNet()));
  log_.SetJudge(nullptr);
  ASSERT_THAT(client_->AppendEvent(MakeEvent("1")), IsOk());
  EXPECT_TRUE(client_->Close(SafetyNet()));
  EXPECT_TRUE(log_.AwaitEvents(2));
  EXPECT_EQ(log_.texts(), Numbers(2));
  EXPECT_EQ(client_->counters().acknowledged, 2);
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

}  // namespace
}  // namespace eventlog
