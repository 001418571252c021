// What EventLogClient does when the service refuses, or answers what it must not.

#include <algorithm>
#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "eventlog-svc/client/channel.h"
#include "eventlog-svc/client/event_log_client.h"
#include "eventlog-svc/client/rpc_error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/eventlog-svc/client/event_log_client_fixture.h"
#include "tests/support/fake_event_log.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using Fate = FakeEventLog::Fate;

constexpr int kMegabyte = 1'000'000;

class EventLogClientRefusalTest : public EventLogClientFixture {
 protected:
  // Gives the first item this fate, and then stores.
  void OnlyFirst(Fate fate, const google::rpc::Status& refusal = {}) {
    log_.SetJudge([fate, refusal, seen = std::make_shared<std::atomic<int>>(0)](const v1::AppendRequest&) {
      return ++*seen == 1 ? FakeEventLog::Verdict{fate, refusal} : FakeEventLog::Verdict();
    });
  }
  std::set<std::string> ProducerIds() {
    std::set<std::string> ids;
    for (const v1::AppendRequest& request : log_.requests()) ids.insert(request.producer().id());
    return ids;
  }
};

TEST_F(EventLogClientRefusalTest, AFullServiceIsTriedAgain) {
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

TEST_F(EventLogClientRefusalTest, WaitsAsLongAsTheServiceAsks) {
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

TEST_F(EventLogClientRefusalTest, OneBadEventIsRejectedAloneAmongItsNeighbours) {
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

TEST_F(EventLogClientRefusalTest, SplittingALargeBatchUnderLossStoresNothingTwice) {
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

TEST_F(EventLogClientRefusalTest, ARefusalThatHoldsForAllIsNotSplit) {
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

TEST_F(EventLogClientRefusalTest, AnAnswerTooManyDoesNotAcknowledgeAnything) {
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

TEST_F(EventLogClientRefusalTest, AnAnswerTooManyIsNotTakenForThatOfTheNextBatch) {
  OnlyFirst(Fate::kAnswerTwice);
  log_.Hold(true);
  Connect();
  std::vector<int64_t> offsets;  // of the client's reading thread, until it is closed
  const auto note = [&](const absl::StatusOr<int64_t>& offset) { offsets.push_back(offset.value_or(-1)); };
  // One batch each: both are on their way before the first answer comes.
  ASSERT_THAT(client_->AppendEvent(MakeEvent("0"), note), IsOk());
  ASSERT_TRUE(log_.AwaitRequests(1));
  ASSERT_THAT(client_->AppendEvent(MakeEvent("1"), note), IsOk());
  log_.Hold(false);
  EXPECT_TRUE(client_->Close(SafetyNet()));
  EXPECT_EQ(log_.texts(), Numbers(2));
  EXPECT_THAT(offsets, ElementsAre(0, 1));
}

TEST_F(EventLogClientRefusalTest, AFencedClientRejectsWhatItHasAndAllThatFollows) {
  options_.producer_id = "p";
  Connect();
  AppendNumbers(1);
  ASSERT_TRUE(client_->Flush(SafetyNet()));
  EventLogClient successor(NewChannel(log_.address()), options_);
  ASSERT_THAT(successor.AppendEvent(MakeEvent("1")), IsOk());
  ASSERT_TRUE(successor.Flush(SafetyNet()));
  std::vector<std::string> reasons;
  const auto note = [&](const absl::StatusOr<int64_t>& offset) { reasons.push_back(RpcErrorReason(offset.status())); };
  log_.Hold(true);
  for (int i = 0; i < 25; ++i) ASSERT_THAT(client_->AppendEvent(MakeEvent("fenced"), note), IsOk());
  log_.Hold(false);
  ASSERT_TRUE(client_->Flush(SafetyNet()));
  EXPECT_EQ(reasons, std::vector<std::string>(25, "PRODUCER_FENCED"));
  ASSERT_THAT(client_->AppendEvent(MakeEvent("later"), note), IsOk());
  EXPECT_EQ(reasons, std::vector<std::string>(26, "PRODUCER_FENCED"));
  EXPECT_EQ(client_->counters().rejected, 26);
  EXPECT_TRUE(client_->Close(SafetyNet()));
  ASSERT_THAT(successor.AppendEvent(MakeEvent("2")), IsOk());
  EXPECT_TRUE(successor.Close(SafetyNet()));
  EXPECT_EQ(log_.texts(), Numbers(3));
  EXPECT_THAT(ProducerIds(), ElementsAre("p"));
}

TEST_F(EventLogClientRefusalTest, AForgottenProducerGoesOnInANewEpochOfItsName) {
  options_.producer_id = "p";
  OnlyFirst(Fate::kRefuse, RpcError(9, "SEQUENCE_GAP"));
  Connect();
  AppendNumbers(30);
  EXPECT_TRUE(client_->Close(SafetyNet()));
  EXPECT_EQ(log_.texts(), Numbers(30));
  EXPECT_THAT(ProducerIds(), ElementsAre("p"));
  EXPECT_EQ(log_.requests().back().producer().epoch(), log_.requests().front().producer().epoch() + 1);
}

TEST_F(EventLogClientRefusalTest, ABatchThatIsTooLargeForGrpcIsSplit) {
  options_.queue.batch_bytes_max = 50 * kMegabyte;
  Connect();
  log_.Hold(true);
  std::vector<std::string> right = Numbers(2);
  for (const char letter : {'a', 'b', 'c', 'd'}) right.emplace_back(3 * kMegabyte, letter);
  for (const std::string& text : right) ASSERT_THAT(client_->AppendEvent(MakeEvent(text)), IsOk());
  log_.Hold(false);
  EXPECT_TRUE(client_->Close(SafetyNet()));
  EXPECT_TRUE(log_.texts() == right) << "millions of letters";
  EXPECT_EQ(client_->counters().acknowledged, 6);
}

TEST_F(EventLogClientRefusalTest, AQuotaOnTheWayIsWaitedForAndNothingIsRejectedOrStoredTwice) {
  EveryNth(3, Fate::kStoreAndExhaust);
  Connect();
  AppendNumbers(2'000);
  EXPECT_TRUE(client_->Close(SafetyNet()));
  EXPECT_EQ(log_.texts(), Numbers(2'000));
  EXPECT_EQ(client_->counters().rejected, 0);
}

TEST_F(EventLogClientRefusalTest, OnlyTheMessageThatIsTooLargeIsRejectedNotTheOneBeforeIt) {
  options_.event_bytes_max = 50 * kMegabyte;
  OnlyFirst(Fate::kStoreWithoutAnswer);
  Connect();
  log_.Hold(true);
  AppendNumbers(1);
  ASSERT_TRUE(log_.AwaitRequests(1));
  absl::Status status;
  ASSERT_THAT(client_->AppendEvent(MakeEvent(std::string(5 * kMegabyte, 'x')),
                                   [&](const absl::StatusOr<int64_t>& offset) { status = offset.status(); }),
              IsOk());
  log_.Hold(false);
  ASSERT_TRUE(client_->Flush(SafetyNet()));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted));
  ASSERT_THAT(client_->AppendEvent(MakeEvent("1")), IsOk());
  EXPECT_TRUE(client_->Close(SafetyNet()));
  EXPECT_EQ(log_.texts(), Numbers(2));
  EXPECT_EQ(client_->counters().acknowledged, 2);
  EXPECT_EQ(client_->counters().rejected, 1);
}

TEST_F(EventLogClientRefusalTest, AnAnswerThatSaysNothingIsAskedForAgain) {
  for (const Fate fate : {Fate::kAnswerNothing, Fate::kRefuse}) {
    FakeEventLog log;
    log.SetJudge([fate, seen = std::make_shared<std::atomic<int>>(0)](const v1::AppendRequest&) {
      return FakeEventLog::Verdict{++*seen == 1 ? fate : Fate::kStore, RpcError(0, "NONE")};
    });
    EventLogClient client(NewChannel(log.address()), options_);
    absl::StatusOr<int64_t> offset;
    ASSERT_THAT(client.AppendEvent(MakeEvent("0"), [&](const absl::StatusOr<int64_t>& o) { offset = o; }), IsOk());
    EXPECT_TRUE(client.Close(SafetyNet()));
    EXPECT_EQ(offset.value_or(-1), 0);
    EXPECT_EQ(log.texts(), Numbers(1));
    EXPECT_EQ(client.counters().connections, 2);
  }
}

}  // namespace
}  // namespace eventlog
