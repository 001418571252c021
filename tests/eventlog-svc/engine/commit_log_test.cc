#include "eventlog-svc/engine/commit_log.h"

#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/eventlog-svc/engine/faulty_store.h"
#include "tests/support/log_driver.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::ElementsAre;

class CommitLogTest : public testing::Test {
 protected:
  CommitLogTest() {
    CommitLogOptions options;
    options.name = "events";
    options.clock = [this] { return clock_.Now(); };
    options.group_bytes_max = 4000;
    options.on_failure = [this](const absl::Status& failure) { failures_.push_back(failure); };
    auto store = std::make_unique<FaultyStore>();
    store_ = store.get();
    log_ = std::make_unique<CommitLog>(std::move(options), std::move(store),
                                       std::make_unique<LogState>(ProducerTableOptions(), LogSettings()));
  }
  absl::StatusOr<AppendResult> AppendText(const std::string& text) { return Append(*log_, MakeBatch({text})); }

  GatedClock clock_;
  std::vector<absl::Status> failures_;  // of the committing thread, until the log is closed
  std::unique_ptr<CommitLog> log_;
  FaultyStore* store_ = nullptr;
};

TEST_F(CommitLogTest, WhatWaitsIsWrittenSyncedAndPublishedAtOnce) {
  HeldGroup held(*log_, clock_);
  const PendingAppend a = BeginAppend(*log_, MakeBatch({"a"})), b = BeginAppend(*log_, MakeBatch({"b"}));
  const PendingAppend c = BeginAppend(*log_, MakeBatch({"c"}));
  held.Release();
  EXPECT_THAT(c.Wait(), IsOk());
  EXPECT_THAT(store_->calls, ElementsAre("append 3", "sync", "publish"));
  EXPECT_TRUE(a.answered() && b.answered());
  EXPECT_EQ(log_->metrics().groups, 1);
  EXPECT_EQ(log_->metrics().batches, 3);
  EXPECT_EQ(log_->metrics().events, 3);
}

TEST_F(CommitLogTest, AGroupTakesNoMoreOnceItIsLarge) {
  HeldGroup held(*log_, clock_);
  std::vector<PendingAppend> pending;
  for (int i = 0; i < 4; ++i) pending.push_back(BeginAppend(*log_, MakeBatch({std::string(2500, 'x')})));
  EXPECT_EQ(log_->metrics().queue_records, 4);
  held.Release();
  EXPECT_THAT(pending.back().Wait(), IsOk());
  EXPECT_THAT(store_->calls, ElementsAre("append 2", "sync", "publish", "append 2", "sync", "publish"));
  EXPECT_EQ(log_->metrics().queue_records, 0);
  EXPECT_EQ(log_->metrics().queue_bytes, 0);
}

TEST_F(CommitLogTest, AGroupOfRefusedAppendsWritesNothing) {
  AppendBatch batch = MakeBatch({"a"});
  batch.expected_next_offset = 5;
  EXPECT_THAT(Append(*log_, std::move(batch)), HasReason("OFFSET_MISMATCH"));
  EXPECT_THAT(store_->calls, ElementsAre());
}

TEST_F(CommitLogTest, AFailedSyncStopsTheLogForGood) {
  ASSERT_THAT(AppendText("kept"), IsOk());
  store_->calls.clear();
  store_->on_sync = Broken();
  HeldGroup held(*log_, clock_);
  const PendingAppend group = BeginAppend(*log_, MakeBatch({std::string(5000, 'x')}));
  const PendingAppend queued = BeginAppend(*log_, MakeBatch({"queued"}));
  held.Release();
  for (const PendingAppend& append : {group, queued}) {
    EXPECT_THAT(append.Wait(), AllOf(StatusIs(absl::StatusCode::kUnavailable), HasReason("STORAGE_FAILED")));
  }
  store_->on_sync = absl::OkStatus();
  EXPECT_THAT(AppendText("later"), HasReason("STORAGE_FAILED"));
  EXPECT_THAT(log_->health(), AllOf(StatusIs(absl::StatusCode::kUnavailable), HasReason("STORAGE_FAILED")));
  EXPECT_THAT(store_->calls, ElementsAre("append 1", "sync")) << "neither tried again nor published";
  EXPECT_THAT(ReadTexts(*log_), ElementsAre("kept"));
  EXPECT_EQ(log_->bounds().head_offset, 1);
  log_->Close();
  EXPECT_THAT(failures_, ElementsAre(HasReason("STORAGE_FAILED"))) << "told once";
}

TEST_F(CommitLogTest, ARepeatBehindAnItemThatFellWithItsGroupIsRefusedToo) {
  ASSERT_THAT(Append(*log_, MakeBatch({"kept"}, {"p", 1, 0})), IsOk());
  store_->on_append = DiskFull();
  store_->on_sync_of_cut = absl::OkStatus();
  const auto order = std::make_shared<AppendOrder>();
  AppendBatch fresh = MakeBatch({"fresh"}), repeat = MakeBatch({"kept"}, {"p", 1, 0});
  fresh.order = repeat.order = order;
  HeldGroup held(*log_, clock_);
  const PendingAppend first = BeginAppend(*log_, std::move(fresh)), second = BeginAppend(*log_, std::move(repeat));
  held.Release();
  EXPECT_THAT(first.Wait(), HasReason("DISK_FULL"));
  EXPECT_THAT(second.Wait(), HasReason("PRIOR_APPEND_FAILED"));
}

TEST_F(CommitLogTest, ASyncThatFindsTheDiskFullIsAFailedSync) {
  store_->on_sync = DiskFull();
  EXPECT_THAT(AppendText("a"), AllOf(StatusIs(absl::StatusCode::kUnavailable), HasReason("STORAGE_FAILED")));
  EXPECT_THAT(log_->health(), HasReason("STORAGE_FAILED"));
  store_->on_sync = absl::OkStatus();
  EXPECT_THAT(AppendText("b"), HasReason("STORAGE_FAILED"));
}

TEST_F(CommitLogTest, AFailedWriteStopsTheLogWithoutASync) {
  store_->on_append = Broken();
  EXPECT_THAT(AppendText("a"), HasReason("STORAGE_FAILED"));
  EXPECT_THAT(log_->health(), HasReason("STORAGE_FAILED"));
  EXPECT_THAT(store_->calls, ElementsAre("append 1"));
}

TEST_F(CommitLogTest, AFullDiskRefusesTheGroupAndNothingElse) {
  ASSERT_THAT(Append(*log_, MakeBatch({"a"}, {"p", 1, 0})), IsOk());
  store_->on_append = DiskFull();
  const absl::StatusOr<AppendResult> refused = Append(*log_, MakeBatch({"b"}, {"p", 1, 1}));
  EXPECT_THAT(refused, AllOf(StatusIs(absl::StatusCode::kResourceExhausted), HasReason("DISK_FULL")));
  EXPECT_TRUE(refused.status().GetPayload(kRetryInfoUrl).has_value());
  EXPECT_THAT(log_->health(), IsOk());
  store_->on_append = absl::OkStatus();
  const absl::StatusOr<AppendResult> again = Append(*log_, MakeBatch({"b"}, {"p", 1, 1}));
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->first_offset, 1) << "the offsets of the refused batch are given again";
  EXPECT_FALSE(again->duplicate) << "the refused batch was remembered";
}

TEST_F(CommitLogTest, WhatAFullDiskCutOffIsSyncedBeforeTheRefusal) {
  store_->on_append = DiskFull();
  EXPECT_THAT(AppendText("a"), HasReason("DISK_FULL"));
  EXPECT_THAT(store_->calls, ElementsAre("append 1", "sync"));
  store_->on_sync_of_cut = DiskFull();
  EXPECT_THAT(AppendText("b"), AllOf(StatusIs(absl::StatusCode::kUnavailable), HasReason("STORAGE_FAILED")));
  EXPECT_THAT(log_->health(), HasReason("STORAGE_FAILED"));
}

TEST_F(CommitLogTest, ARepeatOfWhatFallsFallsWithIt) {
  store_->on_append = DiskFull();
  HeldGroup held(*log_, clock_);
  const PendingAppend first = BeginAppend(*log_, MakeBatch({"a"}, {"p", 1, 0}));
  const PendingAppend again = BeginAppend(*log_, MakeBatch({"a"}, {"p", 1, 0}));
  AppendBatch compared = MakeBatch({"b"});
  compared.expected_next_offset = 0;
  const PendingAppend mismatch = BeginAppend(*log_, compared);
  const PendingAppend gap = BeginAppend(*log_, MakeBatch({"c"}, {"p", 1, 9}));
  held.Release();
  for (const PendingAppend& append : {first, again, mismatch, gap}) {
    EXPECT_THAT(append.Wait(), HasReason("DISK_FULL"));
  }
  store_->on_append = absl::OkStatus();
  EXPECT_THAT(Append(*log_, compared), IsOk()) << "it was compared with an offset that fell";
}

TEST_F(CommitLogTest, OfAStreamInAGroupThatFallsTheFirstGetsTheReasonAndTheRestThatItCameLater) {
  const auto order = std::make_shared<AppendOrder>();
  AppendBatch a = MakeBatch({"a"}), b = MakeBatch({"b"});
  a.order = b.order = order;
  store_->on_append = DiskFull();
  HeldGroup held(*log_, clock_);
  const PendingAppend first = BeginAppend(*log_, a), second = BeginAppend(*log_, b);
  const PendingAppend other = BeginAppend(*log_, MakeBatch({"other"}));
  held.Release();
  EXPECT_THAT(first.Wait(), HasReason("DISK_FULL"));
  EXPECT_THAT(second.Wait(), HasReason("PRIOR_APPEND_FAILED"));
  EXPECT_THAT(other.Wait(), HasReason("DISK_FULL"));
  store_->on_append = absl::OkStatus();
  EXPECT_THAT(Append(*log_, b), HasReason("PRIOR_APPEND_FAILED"));
}

TEST_F(CommitLogTest, ARepeatOfWhatIsSyncedIsAnsweredAlthoughItsGroupFalls) {
  ASSERT_THAT(Append(*log_, MakeBatch({"a"}, {"p", 1, 0})), IsOk());
  store_->on_append = DiskFull();
  HeldGroup held(*log_, clock_);
  const PendingAppend falls = BeginAppend(*log_, MakeBatch({"b"}, {"p", 1, 1}));
  const PendingAppend again = BeginAppend(*log_, MakeBatch({"a"}, {"p", 1, 0}));
  held.Release();
  EXPECT_THAT(falls.Wait(), HasReason("DISK_FULL"));
  EXPECT_THAT(again.Wait(), IsOkAndHolds(testing::Field(&AppendResult::duplicate, true)));
}

TEST_F(CommitLogTest, ASegmentBeginsWithTheProducersOfBeforeTheGroup) {
  ASSERT_THAT(Append(*log_, MakeBatch({"a"}, {"p", 1, 0})), IsOk());
  store_->roll_above = 0;
  ASSERT_THAT(Append(*log_, MakeBatch({"b", "c"}, {"p", 1, 1})), IsOk());
  ASSERT_EQ(store_->states.size(), 1u);
  LogState state({}, {});
  ASSERT_THAT(state.Restore(store_->states[0]), IsOk());
  EXPECT_THAT(state.producers().Check({"p", 1, 1}, 2), IsOkAndHolds(testing::Eq(std::nullopt)));
  EXPECT_THAT(store_->calls, ElementsAre("append 1", "sync", "publish", "roll", "append 1", "sync", "publish"));
}

TEST_F(CommitLogTest, ASegmentThatCannotBeBegunForLackOfSpaceRefusesTheGroupOnly) {
  store_->roll_above = 0;
  store_->on_roll = DiskFull();
  EXPECT_THAT(AppendText("a"), HasReason("DISK_FULL"));
  EXPECT_THAT(log_->health(), IsOk());
  store_->on_roll = absl::OkStatus();
  EXPECT_THAT(AppendText("a"), IsOkAndHolds(testing::Field(&AppendResult::first_offset, 0)));
}

TEST_F(CommitLogTest, ABatchThatNoReaderCouldTakeIsRefused) {
  EXPECT_THAT(AppendText(std::string(65 << 20, 'x')),
              AllOf(StatusIs(absl::StatusCode::kInvalidArgument), HasReason("BATCH_TOO_LARGE")));
}

TEST_F(CommitLogTest, CloseMayBeCalledByManyAtOnce) {
  const PendingAppend last = BeginAppend(*log_, MakeBatch({"a"}));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      log_->Close();
      EXPECT_TRUE(last.answered()) << "Close returned before all was answered";
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(last.Wait(), IsOk());
}

TEST_F(CommitLogTest, AnAnswerMayAppendAgain) {
  PendingAppend second;
  log_->Append(MakeBatch({"a"}), [&](absl::StatusOr<AppendResult> result) {
    EXPECT_THAT(result, IsOk());
    log_->Append(MakeBatch({"b"}), second.callback());
  });
  EXPECT_THAT(second.Wait(), IsOkAndHolds(testing::Field(&AppendResult::first_offset, 1)));
}

}  // namespace
}  // namespace eventlog
