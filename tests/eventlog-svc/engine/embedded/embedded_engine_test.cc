#include "eventlog-svc/engine/embedded/embedded_engine.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/storage/posix_file_system.h"
#include "eventlog-svc/storage/segment_name.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/eventlog-svc/engine/engine_suite.h"
#include "tests/support/fake_file_system.h"
#include "tests/support/log_driver.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;

constexpr char kFolder[] = "/data/logs/events";
using Operation = FakeFileSystem::Operation;

EmbeddedEngineOptions SmallOptions(const std::string& data_dir) {
  EmbeddedEngineOptions options;
  options.data_dir = data_dir;
  options.storage.segment_bytes_max = 4096;
  options.storage.index_interval_bytes = 512;
  return options;
}

std::unique_ptr<Engine> MakeOnFake(const CommitLogOptions& commit) {
  static std::unique_ptr<FakeFileSystem> file_system;
  file_system = std::make_unique<FakeFileSystem>();
  EmbeddedEngineOptions options = SmallOptions("/data");
  options.commit = commit;
  absl::StatusOr<std::unique_ptr<LocalEngine>> engine = OpenEmbeddedEngine(*file_system, options);
  return engine.ok() ? *std::move(engine) : nullptr;
}

std::unique_ptr<Engine> MakeOnDisk(const CommitLogOptions& commit) {
  static PosixFileSystem file_system;
  static int number = 0;
  EmbeddedEngineOptions options = SmallOptions(absl::StrCat(testing::TempDir(), "/engine-", number++));
  options.commit = commit;
  absl::StatusOr<std::unique_ptr<LocalEngine>> engine = OpenEmbeddedEngine(file_system, options);
  return engine.ok() ? *std::move(engine) : nullptr;
}

INSTANTIATE_TEST_SUITE_P(Embedded, EngineTest,
                         testing::Values(EngineParam{"in_memory", Durability::kFsync, MakeOnFake},
                                         EngineParam{"on_disk", Durability::kFsync, MakeOnDisk}),
                         [](const auto& info) { return info.param.name; });

class EmbeddedEngineTest : public testing::Test {
 protected:
  void Open() {
    EmbeddedEngineOptions options = SmallOptions("/data");
    options.commit.clock = [this] { return clock_.Now(); };
    absl::StatusOr<std::unique_ptr<LocalEngine>> engine = OpenEmbeddedEngine(file_system_, options);
    ASSERT_THAT(engine, IsOk());
    engine_ = *std::move(engine);
    log_ = engine_->logs().at(0).get();
  }
  void Reopen() {
    engine_.reset();
    Open();
  }
  absl::StatusOr<AppendResult> AppendText(const std::string& text) { return Append(*log_, MakeBatch({text})); }
  absl::StatusOr<AppendResult> AppendNumbered(int64_t epoch, int64_t first_sequence, const std::string& text) {
    return Append(*log_, MakeBatch({text}, {"p", epoch, first_sequence}));
  }
  // How many segments there are.
  int Segments() {
    const absl::StatusOr<std::vector<std::string>> names = file_system_.List(kFolder);
    int segments = 0;
    for (const std::string& name : names.value()) segments += absl::EndsWith(name, kSegmentSuffix) ? 1 : 0;
    return segments;
  }

  FakeFileSystem file_system_;
  GatedClock clock_;
  std::unique_ptr<LocalEngine> engine_;
  Log* log_ = nullptr;
};

TEST_F(EmbeddedEngineTest, OffsetsAndEpochGoOnAfterARestart) {
  Open();
  EXPECT_TRUE(engine_->capabilities().survives_restart);
  ASSERT_THAT(AppendText("a"), IsOk());
  const std::string epoch = log_->epoch();
  Reopen();
  EXPECT_EQ(log_->epoch(), epoch);
  EXPECT_THAT(AppendText("b"), IsOkAndHolds(Field(&AppendResult::first_offset, 1)));
  EXPECT_THAT(ReadTexts(*log_), ElementsAre("a", "b"));
}

TEST_F(EmbeddedEngineTest, SizesAreTheSameAfterARestart) {
  Open();
  for (int i = 0; i < 60; ++i) {
    clock_.Set(absl::FromUnixSeconds(1'700'000'000 + i));
    ASSERT_THAT(AppendText(std::string(200, 'x')), IsOk());
  }
  ASSERT_GT(Segments(), 3);
  const LogSize before = log_->size();
  Reopen();
  const LogSize after = log_->size();
  EXPECT_EQ(after.record_count, before.record_count);
  EXPECT_EQ(after.byte_count, before.byte_count);
  EXPECT_EQ(after.oldest_append_time, before.oldest_append_time);
  EXPECT_EQ(after.newest_append_time, before.newest_append_time);
  EXPECT_EQ(after.bounds.start_offset, 0);
}

TEST_F(EmbeddedEngineTest, ARepeatIsKnownAfterARestart) {
  Open();
  const absl::StatusOr<AppendResult> first = AppendNumbered(1, 0, "a");
  Reopen();
  const absl::StatusOr<AppendResult> again = AppendNumbered(1, 0, "a");
  EXPECT_THAT(again, IsOkAndHolds(AllOf(Field(&AppendResult::first_offset, 0), Field(&AppendResult::duplicate, true))));
  EXPECT_EQ(again->append_time, first->append_time);
  EXPECT_THAT(AppendNumbered(1, 1, "b"), IsOkAndHolds(Field(&AppendResult::duplicate, false)));
  EXPECT_THAT(ReadTexts(*log_), ElementsAre("a", "b"));
}

TEST_F(EmbeddedEngineTest, ARepeatIsKnownAfterARestartAlsoWhenItsSegmentIsClosed) {
  Open();
  ASSERT_THAT(AppendNumbered(3, 0, "mine"), IsOk());
  for (int i = 0; i < 60; ++i) ASSERT_THAT(AppendText(std::string(200, 'x')), IsOk());
  ASSERT_GT(Segments(), 3);
  Reopen();
  EXPECT_THAT(AppendNumbered(3, 0, "mine"),
              IsOkAndHolds(AllOf(Field(&AppendResult::first_offset, 0), Field(&AppendResult::duplicate, true))));
  EXPECT_THAT(AppendNumbered(2, 0, "old"), HasReason("PRODUCER_FENCED"));
  EXPECT_THAT(AppendNumbered(3, 5, "jump"), HasReason("SEQUENCE_GAP"));
  EXPECT_EQ(log_->bounds().head_offset, 61);
}

TEST_F(EmbeddedEngineTest, AppendTimesDoNotFallOverARestart) {
  const absl::Time noon = absl::FromUnixSeconds(1'700'000'000);
  Open();
  ASSERT_THAT(AppendText("a"), IsOk());
  clock_.Set(noon - absl::Hours(1));
  Reopen();
  EXPECT_THAT(AppendText("b"), IsOkAndHolds(Field(&AppendResult::append_time, noon)));
}

TEST_F(EmbeddedEngineTest, ASecondEngineOnTheFolderIsRefusedUntilTheFirstIsGone) {
  Open();
  EXPECT_THAT(OpenEmbeddedEngine(file_system_, SmallOptions("/data")),
              StatusIs(absl::StatusCode::kFailedPrecondition, testing::HasSubstr("another process holds the lock")));
  Reopen();
  EXPECT_THAT(AppendText("a"), IsOk());
}

TEST_F(EmbeddedEngineTest, AFailedSyncIsNeverTriedAgainAndNothingOfItsGroupIsRead) {
  Open();
  ASSERT_THAT(AppendText("kept"), IsOk());
  int syncs = 0;
  file_system_.SetFault([&](Operation operation, const std::string&) {
    return operation == Operation::kSync && ++syncs == 1
               ? Error(absl::StatusCode::kUnavailable, "STORAGE_FAILED", "cannot sync: I/O error")
               : absl::OkStatus();
  });
  const int64_t operations = file_system_.operations();
  EXPECT_THAT(AppendText("lost"), AllOf(StatusIs(absl::StatusCode::kUnavailable), HasReason("STORAGE_FAILED")));
  EXPECT_THAT(AppendText("later"), HasReason("STORAGE_FAILED"));
  EXPECT_THAT(engine_->health(), HasReason("STORAGE_FAILED"));
  EXPECT_EQ(file_system_.operations(), operations + 2) << "one write, one sync, and nothing behind them";
  EXPECT_THAT(ReadTexts(*log_), ElementsAre("kept"));
  EXPECT_EQ(log_->bounds().head_offset, 1);
  EXPECT_THAT(log_->Read({2}), HasReason("OFFSET_OUT_OF_RANGE"));
}

TEST_F(EmbeddedEngineTest, AfterAFailedSyncARestartServesWhatTheDiskHasAndGoesOn) {
  Open();
  ASSERT_THAT(AppendText("kept"), IsOk());
  file_system_.SetFault([](Operation operation, const std::string&) {
    return operation == Operation::kSync
               ? Error(absl::StatusCode::kUnavailable, "STORAGE_FAILED", "cannot sync: I/O error")
               : absl::OkStatus();
  });
  EXPECT_THAT(AppendText("lost"), HasReason("STORAGE_FAILED"));
  engine_.reset();
  file_system_.Restart(0);
  Open();
  EXPECT_THAT(engine_->health(), IsOk());
  EXPECT_THAT(ReadTexts(*log_), ElementsAre("kept"));
  EXPECT_THAT(AppendText("more"), IsOkAndHolds(Field(&AppendResult::first_offset, 1)));
}

TEST_F(EmbeddedEngineTest, AFullDiskRefusesAndNothingOfTheRefusedComesBack) {
  file_system_.WriteBackAtOnce();
  Open();
  ASSERT_THAT(AppendText("kept"), IsOk());
  file_system_.SetFault([](Operation operation, const std::string&) {
    return operation == Operation::kWrite ? Error(absl::StatusCode::kResourceExhausted, "DISK_FULL", "no space")
                                          : absl::OkStatus();
  });
  AppendBatch batch = MakeBatch({"refused"});
  batch.events.Add(MakeEvent(std::string(3000, 'x')), true);
  EXPECT_THAT(Append(*log_, batch), AllOf(StatusIs(absl::StatusCode::kResourceExhausted), HasReason("DISK_FULL")));
  // Two batches in one group: the first is whole in the half that was written.
  HeldGroup held(*log_, clock_);
  const PendingAppend first = BeginAppend(*log_, MakeBatch({"refused too"}));
  const PendingAppend second = BeginAppend(*log_, MakeBatch({std::string(1000, 'x')}));
  held.Release();
  EXPECT_THAT(first.Wait(), HasReason("DISK_FULL"));
  EXPECT_THAT(second.Wait(), HasReason("DISK_FULL"));
  engine_.reset();
  file_system_.Restart(0);
  Open();
  EXPECT_THAT(ReadTexts(*log_), ElementsAre("kept"));
}

TEST_F(EmbeddedEngineTest, AFullDiskIsOverWhenThereIsSpaceAgain) {
  Open();
  ASSERT_THAT(AppendText("a"), IsOk());
  file_system_.SetFault([](Operation operation, const std::string&) {
    return operation == Operation::kWrite || operation == Operation::kAllocate
               ? Error(absl::StatusCode::kResourceExhausted, "DISK_FULL", "no space")
               : absl::OkStatus();
  });
  EXPECT_THAT(AppendText("b"), HasReason("DISK_FULL"));
  EXPECT_THAT(AppendText(std::string(5000, 'x')), HasReason("DISK_FULL")) << "wants a new segment";
  EXPECT_THAT(engine_->health(), IsOk());
  file_system_.SetFault(nullptr);
  EXPECT_THAT(AppendText("c"), IsOkAndHolds(Field(&AppendResult::first_offset, 1)));
  Reopen();
  EXPECT_THAT(ReadTexts(*log_), ElementsAre("a", "c"));
}

TEST_F(EmbeddedEngineTest, ADamagedBatchCostsItselfAndReadersAreTold) {
  Open();
  for (const char* text : {"first", "damaged", "third"}) ASSERT_THAT(AppendText(text), IsOk());
  engine_.reset();
  const std::string path = absl::StrCat(kFolder, "/00000000000000000000", kSegmentSuffix);
  std::string content = file_system_.Content(path);
  const size_t at = content.find("damaged");
  ASSERT_NE(at, std::string::npos);
  content[at] = 'X';
  file_system_.SetContent(path, content);
  Open();
  EXPECT_EQ(log_->bounds().head_offset, 3);
  const absl::StatusOr<RecordPage> damaged = log_->Read({1});
  ASSERT_THAT(damaged, IsOk());
  ASSERT_TRUE(damaged->gap.has_value());
  EXPECT_EQ(damaged->gap->start_offset, 1);
  EXPECT_EQ(damaged->gap->next_offset, 2);
  EXPECT_EQ(damaged->gap->reason, GapReason::kCorrupt);
  for (const int64_t from : {0, 2}) {
    const absl::StatusOr<RecordPage> page = log_->Read({from});
    ASSERT_THAT(page, IsOk());
    ASSERT_EQ(page->record_count(), 1) << from;
    EXPECT_EQ(Parse(*page)[0].text, from == 0 ? "first" : "third");
  }
  EXPECT_THAT(AppendText("fourth"), IsOkAndHolds(Field(&AppendResult::first_offset, 3)));
}

TEST_F(EmbeddedEngineTest, AnOpenThatFailsLeavesNoLockThatWasNotThere) {
  PosixFileSystem disk;
  const std::string folder = testing::TempDir() + "/not-ours";
  ASSERT_THAT(disk.CreateDirectories(folder), IsOk());
  ASSERT_THAT(disk.Open(folder + "/logs", OpenMode::kCreate), IsOk());
  EXPECT_FALSE(OpenEmbeddedEngine(disk, SmallOptions(folder)).ok());
  EXPECT_THAT(disk.List(folder), IsOkAndHolds(ElementsAre("logs")));
  ASSERT_THAT(disk.Lock(folder + "/lock"), IsOk());
  EXPECT_FALSE(OpenEmbeddedEngine(disk, SmallOptions(folder)).ok());
  EXPECT_THAT(disk.List(folder), IsOkAndHolds(ElementsAre("lock", "logs")));
}

TEST_F(EmbeddedEngineTest, AFolderThatCannotBeMadeIsSaidAtOpen) {
  PosixFileSystem disk;
  const std::string file = testing::TempDir() + "/a-file";
  ASSERT_THAT(disk.Open(file, OpenMode::kCreate), IsOk());
  EXPECT_THAT(OpenEmbeddedEngine(disk, SmallOptions(file + "/data")), StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace eventlog
