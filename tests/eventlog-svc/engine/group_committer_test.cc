#include "eventlog-svc/engine/group_committer.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/eventlog-svc/engine/faulty_store.h"
#include "tests/support/log_driver.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;

class GroupCommitterTest : public testing::Test {
 protected:
  GroupCommitterTest() { Make({}); }
  void Make(const LogSettings& settings) {
    state_ = std::make_unique<LogState>(ProducerTableOptions(), settings);
    GroupCommitterOptions options;
    options.clock = [this] { return now_; };
    options.on_published = [this] { store_.calls.push_back("told"); };
    options.on_failure = [this](const absl::Status&) { store_.calls.push_back("failed"); };
    committer_ = std::make_unique<GroupCommitter>(std::move(options), store_, *state_, metrics_);
  }
  // Answers are noted among the store's calls, so that their order shows.
  CommitRequest AppendOf(const std::string& text, Durability durability = Durability::kDefault,
                         std::shared_ptr<AppendOrder> order = nullptr) {
    AppendBatch batch = MakeBatch({text});
    batch.durability = durability;
    batch.order = std::move(order);
    return Request(std::move(batch), text);
  }
  CommitRequest Request(AppendBatch batch, const std::string& name) {
    return {CommitRequest::Append{std::move(batch),
                                  [this, name](absl::StatusOr<AppendResult> result) {
                                    store_.calls.push_back(absl::StrCat(name, result.ok() ? " ok" : " refused"));
                                    appended_.push_back(std::move(result));
                                  }},
            1, 100, absl::Now()};
  }
  CommitRequest ChangeOf(LogChange change, const std::string& name) {
    return {CommitRequest::Change{std::move(change),
                                  [this, name](absl::StatusOr<Cursor> result) {
                                    store_.calls.push_back(absl::StrCat(name, result.ok() ? " ok" : " refused"));
                                    changed_.push_back(std::move(result));
                                  }},
            0, 100, absl::Now()};
  }
  template <typename... Requests>
  std::vector<std::string> Commit(Requests... requests) {
    store_.calls.clear();
    std::vector<CommitRequest> group;
    (group.push_back(std::move(requests)), ...);
    committer_->Commit(std::move(group));
    return store_.calls;
  }

  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
  FaultyStore store_;
  CommitMetrics metrics_;
  std::unique_ptr<LogState> state_;
  std::unique_ptr<GroupCommitter> committer_;
  std::vector<absl::StatusOr<AppendResult>> appended_;
  std::vector<absl::StatusOr<Cursor>> changed_;
};

TEST_F(GroupCommitterTest, AGroupIsWrittenSyncedPublishedToldAndThenAnswered) {
  EXPECT_THAT(Commit(AppendOf("a"), AppendOf("b")), ElementsAre("append 2", "sync", "publish", "told", "a ok", "b ok"));
}

TEST_F(GroupCommitterTest, ChangesBecomeOneBatchBehindTheAppends) {
  EXPECT_THAT(Commit(AppendOf("a"), ChangeOf(CommitCursor{"c", 0, 0}, "c"), AppendOf("b"),
                     ChangeOf(CommitCursor{"d", 0, 0}, "d")),
              ElementsAre("append 3", "sync", "publish", "told", "a ok", "c ok", "b ok", "d ok"));
  EXPECT_THAT(Commit(ChangeOf(CommitCursor{"c", 2, 0}, "c")),
              ElementsAre("append 1", "sync", "publish", "told", "c ok"));
  EXPECT_EQ(state_->FindCursor("c")->next_offset, 2);
  EXPECT_EQ(store_.size().record_count, 2);
}

TEST_F(GroupCommitterTest, ACursorGoesNotBeyondWhatReadersSee) {
  EXPECT_THAT(Commit(AppendOf("a"), ChangeOf(CommitCursor{"c", 1, 0}, "c")),
              ElementsAre("append 1", "sync", "publish", "told", "a ok", "c refused"));
}

TEST_F(GroupCommitterTest, AChangeThatFallsWithItsGroupNeverWas) {
  store_.on_append = DiskFull();
  EXPECT_THAT(Commit(ChangeOf(CommitCursor{"c", 0, 0}, "c")), ElementsAre("append 1", "sync", "c refused"));
  EXPECT_THAT(changed_.at(0), HasReason("DISK_FULL"));
  EXPECT_THAT(state_->FindCursor("c"), HasReason("CURSOR_NOT_FOUND"));
}

TEST_F(GroupCommitterTest, AnAppendInMemoryIsAnsweredBeforeTheSync) {
  EXPECT_THAT(Commit(AppendOf("safe"), AppendOf("quick", Durability::kMemory)),
              ElementsAre("append 2", "quick ok", "sync", "publish", "told", "safe ok"));
  EXPECT_THAT(appended_, ElementsAre(IsOkAndHolds(Field(&AppendResult::durability, Durability::kMemory)),
                                     IsOkAndHolds(Field(&AppendResult::durability, Durability::kFsync))));
}

TEST_F(GroupCommitterTest, WithinAStreamNothingOvertakesWhatWaitsForTheSync) {
  auto order = std::make_shared<AppendOrder>();
  store_.on_sync = Broken();
  EXPECT_THAT(Commit(AppendOf("first", Durability::kMemory, order), AppendOf("safe", Durability::kFsync, order),
                     AppendOf("quick", Durability::kMemory, order)),
              ElementsAre("append 3", "first ok", "sync", "failed", "safe refused", "quick refused"));
  EXPECT_THAT(appended_.at(2), HasReason("PRIOR_APPEND_FAILED"));
}

TEST_F(GroupCommitterTest, AMemoryLogSyncsWhenItIsAskedTo) {
  LogSettings settings;
  settings.default_durability = Durability::kMemory;
  Make(settings);
  EXPECT_THAT(Commit(AppendOf("a")), ElementsAre("append 1", "publish", "told", "a ok"));
  EXPECT_TRUE(committer_->has_unsynced());
  EXPECT_THAT(committer_->SyncPublished(), IsOk());
  EXPECT_FALSE(committer_->has_unsynced());
  EXPECT_THAT(Commit(AppendOf("b", Durability::kFsync)), ElementsAre("append 1", "sync", "publish", "told", "b ok"));
  Commit(AppendOf("c"));
  EXPECT_THAT(Commit(ChangeOf(CommitCursor{"c", 0, 0}, "cursor")),
              ElementsAre("append 1", "sync", "publish", "told", "cursor ok"));
  EXPECT_FALSE(committer_->has_unsynced());
}

TEST_F(GroupCommitterTest, ARepeatThatAsksForMoreThanItsFirstTimeWaitsForTheSync) {
  LogSettings settings;
  settings.default_durability = Durability::kMemory;
  Make(settings);
  const auto batch = [](Durability durability) {
    AppendBatch repeated = MakeBatch({"a"}, {"p", 1, 0});
    repeated.durability = durability;
    return repeated;
  };
  EXPECT_THAT(Commit(Request(batch(Durability::kDefault), "a")), ElementsAre("append 1", "publish", "told", "a ok"));
  EXPECT_THAT(Commit(Request(batch(Durability::kFsync), "again")), ElementsAre("sync", "again ok"));
  EXPECT_THAT(Commit(Request(batch(Durability::kFsync), "again")), ElementsAre("again ok"));
  EXPECT_THAT(appended_.back(), IsOkAndHolds(AllOf(Field(&AppendResult::duplicate, true),
                                                   Field(&AppendResult::durability, Durability::kFsync))));
}

TEST_F(GroupCommitterTest, AFullDiskThatCannotRollTakesChangesStill) {
  ASSERT_THAT(Commit(AppendOf("a"), AppendOf("b")), testing::Contains("b ok"));
  store_.roll_above = 0;
  store_.on_roll = DiskFull();
  EXPECT_THAT(Commit(AppendOf("c"), ChangeOf(TrimLog{1}, "trim")),
              ElementsAre("roll", "append 1", "sync", "publish", "trim 1", "told", "c refused", "trim ok"));
  EXPECT_THAT(appended_.back(), HasReason("DISK_FULL"));
  EXPECT_EQ(store_.size().bounds.start_offset, 1);
}

TEST_F(GroupCommitterTest, AMemoryLogIsSyncedBeforeItRolls) {
  LogSettings settings;
  settings.default_durability = Durability::kMemory;
  Make(settings);
  Commit(AppendOf("a"));
  store_.roll_above = 0;
  EXPECT_THAT(Commit(AppendOf("b")), ElementsAre("sync", "roll", "append 1", "publish", "told", "b ok"));
}

TEST_F(GroupCommitterTest, ALogWhoseDefaultIsMemoryNoMoreSyncsAgain) {
  LogSettings settings;
  settings.default_durability = Durability::kMemory;
  Make(settings);
  EXPECT_THAT(Commit(AppendOf("a")), ElementsAre("append 1", "publish", "told", "a ok"));
  Commit(ChangeOf(ChangeSettings{LogSettings()}, "settings"));
  EXPECT_THAT(Commit(AppendOf("b")), ElementsAre("append 1", "sync", "publish", "told", "b ok"));
  EXPECT_THAT(appended_.back(), IsOkAndHolds(Field(&AppendResult::durability, Durability::kFsync)));
}

TEST_F(GroupCommitterTest, AfterAFailedSyncNothingIsComparedWithWhatMayBeGone) {
  const auto batch = [](int64_t sequence, std::optional<int64_t> expected) {
    AppendBatch batch = MakeBatch({"a"}, {"p", 1, sequence});
    batch.expected_next_offset = expected;
    return batch;
  };
  Commit(Request(batch(0, std::nullopt), "first"));
  store_.on_sync = Broken();
  Commit(Request(batch(1, std::nullopt), "fell"));
  appended_.clear();
  // The first would be a repeat, the others would be refused: that one is there may be found by a restart, or not.
  Commit(Request(batch(0, std::nullopt), "repeat"), Request(batch(1, 1), "compared"), Request(batch(2, 2), "behind"),
         Request(batch(1, 5), "wrong"), ChangeOf(CommitCursor{"c", 2, 0}, "cursor"));
  EXPECT_THAT(appended_, testing::AllOf(testing::SizeIs(4), testing::Each(HasReason("STORAGE_FAILED"))));
  EXPECT_THAT(changed_, ElementsAre(HasReason("STORAGE_FAILED")));
}

TEST_F(GroupCommitterTest, AfterAFailedSyncNothingIsWrittenAnyMore) {
  store_.on_sync = Broken();
  EXPECT_THAT(Commit(AppendOf("a")), ElementsAre("append 1", "sync", "failed", "a refused"));
  store_.on_sync = absl::OkStatus();
  EXPECT_THAT(Commit(AppendOf("b"), ChangeOf(CommitCursor{"c", 0, 0}, "c")), ElementsAre("b refused", "c refused"));
  EXPECT_THAT(appended_.back(), HasReason("STORAGE_FAILED"));
}

TEST_F(GroupCommitterTest, ARefusalByWhatIsNotSyncedFallsWithAFailedSync) {
  LogSettings settings;
  settings.default_durability = Durability::kMemory;
  Make(settings);
  Commit(AppendOf("first"));  // published, answered MEMORY, not synced
  ASSERT_TRUE(committer_->has_unsynced());
  appended_.clear();
  AppendBatch compare = MakeBatch({"compare"});
  compare.expected_next_offset = 0;
  store_.on_sync = Broken();
  Commit(Request(std::move(compare), "compare"), AppendOf("durable", Durability::kFsync));
  ASSERT_EQ(appended_.size(), 2u);
  EXPECT_THAT(appended_[1], StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(appended_[0], StatusIs(absl::StatusCode::kUnavailable)) << appended_[0].status();
}

}  // namespace
}  // namespace eventlog
