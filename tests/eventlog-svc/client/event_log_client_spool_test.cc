// What EventLogClient promises with a spool.

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "eventlog-svc/client/event_log_client.h"
#include "eventlog-svc/client/spool.h"
#include "eventlog-svc/client/spool_database.h"
#include "eventlog-svc/client/spool_sender_lock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/eventlog-svc/client/spool_client_fixture.h"
#include "tests/support/fake_event_log.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::NotNull;
using Fate = FakeEventLog::Fate;

using EventLogClientSpoolTest = SpoolClientFixture;

TEST_F(EventLogClientSpoolTest, SendsInOrderAndLeavesTheSpoolEmpty) {
  const auto client = OpenClient();
  AppendNumbers(*client, 0, 200);
  EXPECT_TRUE(client->Close(SafetyNet()));
  EXPECT_EQ(log_.texts(), Numbers(200));
  EXPECT_EQ(client->counters().queued, 200);
  EXPECT_EQ(client->counters().acknowledged, 200);
  EXPECT_EQ(StatsNow().events, 0);
  EXPECT_EQ(StatsNow().bytes, 0);
  EXPECT_EQ(StatsNow().acknowledged, 200);
}

// With a second for each, until somebody looks by himself, the time would not do.
TEST_F(EventLogClientSpoolTest, AnEventIsSentWhenItIsKeptAlsoWhereThatTakesASync) {
  options_.sync = true;
  const auto client = OpenClient();
  const absl::Time deadline = SafetyNet();
  for (int i = 0; i < 200; ++i) {
    AppendNumbers(*client, i, i + 1);
    ASSERT_TRUE(client->Flush(deadline)) << i;
  }
  EXPECT_EQ(log_.texts(), Numbers(200));
}

TEST_F(EventLogClientSpoolTest, WhatIsNotAnsweredIsSentByTheNextOne) {
  log_.Stop();
  auto client = OpenClient();
  AppendNumbers(*client, 0, 100);
  EXPECT_FALSE(client->Close(absl::Now()));
  EXPECT_EQ(client->counters().rejected, 0);
  client.reset();
  log_.Start();
  client = OpenClient();
  AppendNumbers(*client, 100, 110);
  EXPECT_TRUE(client->Close(SafetyNet()));
  EXPECT_EQ(log_.texts(), Numbers(110));
}

TEST_F(EventLogClientSpoolTest, WhatADamagedSpoolTakesWithItIsNotSaidToBeAnsweredNorWaitedFor) {
  log_.Stop();
  const auto client = OpenClient();
  AppendNumbers(*client, 0, 3);
  ASSERT_THAT((*SpoolDatabase::Open(options_, std::nullopt))->SetAside(absl::DataLossError("said the test")), IsOk());
  log_.Start();
  AppendNumbers(*client, 3, 5);
  EXPECT_FALSE(client->Flush(absl::InfiniteFuture()));
  EXPECT_THAT(log_.texts(), ElementsAre("3", "4")) << "the others are waited for";
}

TEST_F(EventLogClientSpoolTest, CountsWhatItSentOnceMore) {
  log_.SetJudge([seen = std::make_shared<std::atomic<int>>(0)](const v1::AppendRequest&) {
    return FakeEventLog::Verdict{++*seen == 1 ? Fate::kStoreAndDropConnection : Fate::kStore, {}};
  });
  const auto client = OpenClient();
  AppendNumbers(*client, 0, 1);
  ASSERT_TRUE(client->Flush(SafetyNet()));
  EXPECT_EQ(client->counters().resent, 1);
  EXPECT_TRUE(client->Close(SafetyNet()));
  EXPECT_EQ(client->counters().resent, 1);
}

TEST_F(EventLogClientSpoolTest, ManyClientsOneAfterTheOtherUnderLostAnswersStoreEachEventOnce) {
  log_.SetJudge([seen = std::make_shared<std::atomic<int>>(0)](const v1::AppendRequest&) {
    const int number = ++*seen;
    return FakeEventLog::Verdict{number % 3 == 0   ? Fate::kStoreAndDropConnection
                                 : number % 7 == 0 ? Fate::kDropConnection
                                                   : Fate::kStore,
                                 {}};
  });
  for (int i = 0; i < 20; ++i) {
    const auto client = OpenClient();
    AppendNumbers(*client, i * 50, (i + 1) * 50);
    // In the middle of it.
    if (i % 2 == 0) client->Flush(absl::Now() + absl::Milliseconds(i));
    client->Close(absl::Now());
  }
  EXPECT_TRUE(OpenClient()->Close(SafetyNet()));
  const auto last = OpenClient();
  while (StatsNow().events > 0) last->Flush(absl::Now() + absl::Milliseconds(20));
  EXPECT_EQ(log_.texts(), Numbers(1'000));
  EXPECT_EQ(StatsNow().acknowledged, 1'000);
}

TEST_F(EventLogClientSpoolTest, ARepeatOfTheNextProcessIsTheSameToTheByte) {
  log_.SetJudge([](const v1::AppendRequest&) { return FakeEventLog::Verdict{Fate::kStoreAndDropConnection, {}}; });
  {
    const auto client = OpenClient();
    AppendNumbers(*client, 0, 15);
    ASSERT_TRUE(log_.AwaitRequests(1));
    client->Close(absl::Now());
  }
  log_.SetJudge(nullptr);
  const auto next = OpenClient();
  AppendNumbers(*next, 15, 30);
  EXPECT_TRUE(next->Close(SafetyNet()));
  EXPECT_EQ(log_.texts(), Numbers(30));
  std::map<std::pair<int64_t, int64_t>, std::string> first;
  int repeats = 0;
  for (const v1::AppendRequest& request : log_.requests()) {
    const auto [place, is_new] = first.emplace(
        std::pair(request.producer().epoch(), request.producer().first_sequence()), request.SerializeAsString());
    if (is_new) continue;
    ++repeats;
    EXPECT_EQ(place->second, request.SerializeAsString());
  }
  EXPECT_GT(repeats, 0);
}

TEST_F(EventLogClientSpoolTest, WhatOthersAddIsSentInTheOrderOfAdding) {
  const auto client = OpenClient();
  const auto other = Spool::OpenExisting(options_);
  ASSERT_THAT(other, IsOk());
  for (int i = 0; i < 50; i += 2) {
    ASSERT_THAT(client->AppendEvent(MakeEvent(absl::StrCat(i))), IsOk());
    ASSERT_THAT((*other)->Add({MakeEvent(absl::StrCat(i + 1))}), IsOk());
  }
  EXPECT_TRUE(log_.AwaitEvents(50));
  EXPECT_EQ(log_.texts(), Numbers(50));
}

TEST_F(EventLogClientSpoolTest, AProcessThatOnlySendsTakesTheTargetFromTheSpool) {
  ASSERT_THAT((*Spool::Open(options_, {log_.address(), ""}))->Add({MakeEvent("0")}), IsOk());
  auto lock = SpoolSenderLock::TryTake(options_.folder);
  ASSERT_THAT(lock, IsOkAndHolds(NotNull()));
  const auto client = EventLogClient::OpenSpool(options_, *std::move(lock), client_options_);
  ASSERT_THAT(client, IsOk());
  EXPECT_TRUE((*client)->sending());
  EXPECT_TRUE(log_.AwaitEvents(1));
  EXPECT_EQ(log_.requests().front().log(), "events");
}

TEST_F(EventLogClientSpoolTest, ARefusedEventIsKeptAsideAndItsNeighboursGoOn) {
  log_.SetJudge([](const v1::AppendRequest& request) {
    for (const v1::Event& event : request.events()) {
      if (event.text() == "37") return FakeEventLog::Verdict{Fate::kRefuse, RpcError(3, "EVENT_INVALID")};
    }
    return FakeEventLog::Verdict();
  });
  log_.Hold(true);
  const auto client = OpenClient();
  AppendNumbers(*client, 0, 100);
  log_.Hold(false);
  EXPECT_TRUE(client->Close(SafetyNet()));
  std::vector<std::string> right = Numbers(100);
  right.erase(right.begin() + 37);
  EXPECT_EQ(log_.texts(), right);
  EXPECT_EQ(client->counters().rejected, 1);
  EXPECT_EQ(StatsNow().rejected, 1);
  EXPECT_EQ(StatsNow().events, 0);
  const auto rejected = client->spool()->Rejected(10);
  ASSERT_THAT(rejected, IsOk());
  ASSERT_EQ(rejected->size(), 1u);
  EXPECT_EQ(rejected->front().event.text(), "37");
  EXPECT_EQ(rejected->front().reason, "EVENT_INVALID: scripted EVENT_INVALID");
}

TEST_F(EventLogClientSpoolTest, AnEventThatNoServiceReadsIsKeptAsideAndItsNeighboursGoOn) {
  const auto client = OpenClient();
  const auto other = Spool::OpenExisting(options_);
  ASSERT_THAT(other, IsOk());
  // More than gRPC takes; other processes do not ask this client whether they may add it.
  ASSERT_THAT((*other)->Add({MakeEvent("0"), MakeEvent(std::string(8'000'000, 'x'))}), IsOk());
  AppendNumbers(*client, 1, 2);
  EXPECT_TRUE(client->Close(SafetyNet()));
  EXPECT_EQ(log_.texts(), Numbers(2));
  EXPECT_EQ(StatsNow().rejected, 1);
  EXPECT_EQ(StatsNow().events, 0);
}

TEST_F(EventLogClientSpoolTest, AForgottenProducerGoesOnInANewEpoch) {
  log_.SetJudge([seen = std::make_shared<std::atomic<int>>(0)](const v1::AppendRequest&) {
    return ++*seen == 2 ? FakeEventLog::Verdict{Fate::kRefuse, RpcError(9, "SEQUENCE_GAP")} : FakeEventLog::Verdict();
  });
  const auto client = OpenClient();
  AppendNumbers(*client, 0, 50);
  EXPECT_TRUE(client->Close(SafetyNet()));
  EXPECT_EQ(log_.texts(), Numbers(50));
}

TEST_F(EventLogClientSpoolTest, ACopyOfTheFolderLosesNothing) {
  log_.Stop();
  {
    const auto client = OpenClient();
    AppendNumbers(*client, 0, 1);
    // It was made a batch, which may have been sent as far as anybody knows.
    while (client->counters().connections == 0) client->Flush(absl::Now() + absl::Milliseconds(1));
    client->Close(absl::Now());
  }
  SpoolOptions copy = options_;
  copy.folder = root_ + "/copy";
  std::filesystem::copy(options_.folder, copy.folder, std::filesystem::copy_options::recursive);
  ASSERT_EQ(chmod(copy.folder.c_str(), 0700), 0);
  log_.Start();
  const auto original = OpenClient();
  ASSERT_TRUE(original->Flush(SafetyNet()));
  options_ = copy;
  const auto clone = OpenClient();
  // They send in turn, under one name at first.
  for (int i = 1; i < 40; ++i) {
    const auto& client = i % 2 == 0 ? original : clone;
    ASSERT_THAT(client->AppendEvent(MakeEvent(absl::StrCat(i))), IsOk());
    ASSERT_TRUE(client->Flush(SafetyNet())) << i;
  }
  std::map<std::string, int> count;
  for (const std::string& text : log_.texts()) ++count[text];
  EXPECT_EQ(count.size(), 40u);
  count.erase("0");
  for (const auto& [text, times] : count) EXPECT_EQ(times, 1) << text;
}

TEST_F(EventLogClientSpoolTest, ThereIsNoCallbackAndNoNameOfTheUsers) {
  const auto client = OpenClient();
  EXPECT_THAT(client->AppendEvent(MakeEvent("x"), [](const absl::StatusOr<int64_t>&) {}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  client_options_.event_bytes_max = 10;
  EXPECT_THAT(OpenClient()->AppendEvent(MakeEvent("more than ten bytes")),
              StatusIs(absl::StatusCode::kInvalidArgument));
  client_options_.producer_id = "mine";
  client_options_.spool = options_;
  EXPECT_THAT(EventLogClient::Open(log_.address(), client_options_), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(EventLogClient::Open("nowhere", client_options_), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(EventLogClientSpoolTest, TheOutcomesOfAFullSpoolAreCountedExactly) {
  options_.events_max = 20;
  client_options_.queue.block_max = absl::Milliseconds(20);
  for (const WhenFull when_full : {WhenFull::kDropNewest, WhenFull::kDropOldest, WhenFull::kBlock}) {
    FakeEventLog log;
    log.Stop();
    options_.folder = absl::StrCat(root_, "/full-", static_cast<int>(when_full));
    client_options_.queue.when_full = when_full;
    client_options_.spool = options_;
    ASSERT_THAT(Spool::Open(options_, {log.address(), ""}), IsOk());
    // What a sender has taken never makes room: there is none meanwhile.
    auto lock = SpoolSenderLock::TryTake(options_.folder);
    ASSERT_THAT(lock, IsOk());
    ASSERT_NE(*lock, nullptr);
    auto opened = EventLogClient::Open(log.address(), client_options_);
    ASSERT_THAT(opened, IsOk());
    EventLogClient& client = **opened;
    int refused = 0;
    for (int i = 0; i < 30; ++i) {
      if (!client.AppendEvent(MakeEvent(absl::StrCat(i))).ok()) ++refused;
    }
    EXPECT_EQ(refused, when_full == WhenFull::kDropOldest ? 0 : 10);
    log.Start();
    lock->reset();
    EXPECT_TRUE(client.Close(SafetyNet()));
    EXPECT_EQ(log.texts().size(), 20u);
    EXPECT_EQ(log.texts().back(), when_full == WhenFull::kDropOldest ? "29" : "19");
    EXPECT_EQ(client.counters().dropped, 10);
    EXPECT_EQ(client.counters().displaced, when_full == WhenFull::kDropOldest ? 10 : 0);
    EXPECT_EQ(client.counters().queued, when_full == WhenFull::kDropOldest ? 30 : 20);
    EXPECT_EQ(StatsNow().dropped, 10);
  }
}

TEST_F(EventLogClientSpoolTest, ABlockedCallerGoesOnWhenTheLogIsBack) {
  options_.events_max = 5;
  client_options_.queue.when_full = WhenFull::kBlock;
  client_options_.queue.block_max = absl::Seconds(60);
  log_.Hold(true);
  const auto client = OpenClient();
  AppendNumbers(*client, 0, 5);
  EXPECT_FALSE(client->WaitForRoom(1, absl::Now() + absl::Milliseconds(10)));
  std::thread blocked([&] { AppendNumbers(*client, 5, 20); });
  log_.Hold(false);
  blocked.join();
  EXPECT_TRUE(client->Close(SafetyNet()));
  EXPECT_EQ(log_.texts(), Numbers(20));
  EXPECT_EQ(client->counters().dropped, 0);
  EXPECT_EQ(StatsNow().dropped, 0);
  EXPECT_FALSE(client->WaitForRoom(1, SafetyNet())) << "closed";
}

}  // namespace
}  // namespace eventlog
