#include "eventlog-svc/engine/embedded/embedded_stores.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "eventlog-svc/engine/embedded/embedded_engine.h"
#include "eventlog-svc/engine/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_file_system.h"
#include "tests/support/log_driver.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;

class EmbeddedStoresTest : public testing::Test {
 protected:
  // An engine over the file system as it is.
  std::unique_ptr<LocalEngine> OpenEngine() {
    absl::StatusOr<std::unique_ptr<LocalEngine>> engine = OpenEmbeddedEngine(files_, SmallSegments());
    EXPECT_THAT(engine, IsOk());
    return *std::move(engine);
  }
  static EmbeddedEngineOptions SmallSegments() {
    EmbeddedEngineOptions options;
    options.data_dir = "/data";
    options.storage.segment_bytes_max = 4096;
    options.storage.index_interval_bytes = 512;
    options.retention_interval = absl::Hours(1);
    return options;
  }
  static std::vector<std::string> Names(const LocalEngine& engine) {
    std::vector<std::string> names;
    for (const std::shared_ptr<Log>& log : engine.logs()) names.push_back(log->name());
    return names;
  }

  FakeFileSystem files_;
};

absl::StatusOr<Cursor> Change(Log& log, LogChange change) {
  absl::StatusOr<Cursor> changed = absl::UnknownError("no answer");
  absl::Notification done;
  log.Change(std::move(change), [&](absl::StatusOr<Cursor> result) {
    changed = std::move(result);
    done.Notify();
  });
  done.WaitForNotification();
  return changed;
}

TEST_F(EmbeddedStoresTest, LogsWithTheirStateComeBack) {
  std::string epoch;
  std::optional<absl::Time> newest;
  {
    const std::unique_ptr<LocalEngine> engine = OpenEngine();
    LogSettings settings;
    settings.records_max = 70;
    const std::shared_ptr<Log> log = *engine->CreateLog("orders", settings);
    epoch = log->epoch();
    for (int i = 0; i < 40; ++i) ASSERT_THAT(Append(*log, MakeBatch({std::string(300, 'x')})), IsOk());
    ASSERT_THAT(Change(*log, CommitCursor{"c", 30, 0}), IsOk());
    ASSERT_THAT(Change(*log, TakeCursor{"c"}), IsOkAndHolds(Field(&Cursor::generation, 1)));
    ASSERT_THAT(Change(*log, TrimLog{25}), IsOk());
    newest = log->size().newest_append_time;
  }
  files_.Restart(0);
  const std::unique_ptr<LocalEngine> engine = OpenEngine();
  EXPECT_THAT(Names(*engine), ElementsAre("events", "orders"));
  const std::shared_ptr<Log> log = *engine->FindLog("orders");
  EXPECT_EQ(log->epoch(), epoch);
  EXPECT_EQ(log->settings().records_max, 70);
  EXPECT_EQ(log->bounds().start_offset, 25);
  EXPECT_EQ(log->bounds().head_offset, 40);
  EXPECT_EQ(log->size().record_count, 15);
  EXPECT_EQ(log->size().newest_append_time, newest) << "that of a record, not of a change";
  EXPECT_THAT(log->FindCursor("c"),
              IsOkAndHolds(AllOf(Field(&Cursor::next_offset, 30), Field(&Cursor::generation, 1))));
  EXPECT_THAT(Change(*log, TakeCursor{"c"}), IsOkAndHolds(Field(&Cursor::generation, 2)));
  EXPECT_EQ((*engine->FindLog("events"))->bounds().head_offset, 0);
}

TEST_F(EmbeddedStoresTest, TrimmedSegmentsLeaveTheDisk) {
  const std::unique_ptr<LocalEngine> engine = OpenEngine();
  const std::shared_ptr<Log> log = *engine->FindLog("");
  for (int i = 0; i < 40; ++i) ASSERT_THAT(Append(*log, MakeBatch({std::string(300, 'x')})), IsOk());
  const int64_t bytes = log->size().byte_count;
  ASSERT_THAT(Change(*log, TrimLog{35}), IsOk());
  EXPECT_EQ(files_.Content("/data/logs/events/00000000000000000000.log"), "");
  EXPECT_LT(log->size().byte_count, bytes / 2);
  const absl::StatusOr<RecordPage> gap = log->Read({3});
  ASSERT_THAT(gap, IsOk());
  EXPECT_EQ(gap->gap->reason, GapReason::kTrimmed);
  EXPECT_EQ(gap->next_offset, 35);
  EXPECT_EQ(ReadAll(*log, Direction::kBackward).size(), 5u);
  EXPECT_THAT(Change(*log, TrimLog{40}), IsOk());
  EXPECT_EQ(log->size().record_count, 0);
  EXPECT_EQ(log->size().oldest_append_time, std::nullopt);
  EXPECT_THAT(Append(*log, MakeBatch({"next"})), IsOkAndHolds(Field(&AppendResult::first_offset, 40)));
}

TEST_F(EmbeddedStoresTest, ADeletedLogIsGoneForGood) {
  {
    const std::unique_ptr<LocalEngine> engine = OpenEngine();
    ASSERT_THAT(engine->CreateLog("orders", {}), IsOk());
    ASSERT_THAT(engine->DeleteLog("orders"), IsOk());
    EXPECT_THAT(files_.List("/data/logs"), IsOkAndHolds(ElementsAre("events")));
  }
  files_.Restart(1);
  EXPECT_THAT(Names(*OpenEngine()), ElementsAre("events"));
}

TEST_F(EmbeddedStoresTest, WhatADeletedLogLeftIsNoPartOfANewOne) {
  {
    const std::unique_ptr<LocalEngine> engine = OpenEngine();
    ASSERT_THAT(Append(**engine->CreateLog("orders", {}), MakeBatch({"old"})), IsOk());
    files_.SetFault([](FakeFileSystem::Operation operation, const std::string& path) {
      const bool stuck = operation == FakeFileSystem::Operation::kRemove && path.find("/orders/") != std::string::npos;
      return stuck ? absl::UnavailableError("it cannot be removed") : absl::OkStatus();
    });
    EXPECT_THAT(engine->DeleteLog("orders"), IsOk());
    EXPECT_FALSE(engine->CreateLog("orders", {}).ok());
    files_.SetFault(nullptr);
    const absl::StatusOr<std::shared_ptr<Log>> log = engine->CreateLog("orders", {});
    ASSERT_THAT(log, IsOk());
    EXPECT_THAT(Append(**log, MakeBatch({"new"})), IsOkAndHolds(Field(&AppendResult::first_offset, 0)));
  }
  EXPECT_THAT(ReadTexts(**OpenEngine()->FindLog("orders")), ElementsAre("new"));
}

TEST_F(EmbeddedStoresTest, AFolderThatCannotBeListedIsNotTakenForAnEmptyOne) {
  const std::unique_ptr<LocalEngine> engine = OpenEngine();
  ASSERT_THAT(Append(**engine->CreateLog("orders", {}), MakeBatch({"old"})), IsOk());
  // The clearing away and the look before the making; the next one would succeed.
  int failures = 2;
  files_.SetFault([&](FakeFileSystem::Operation operation, const std::string& path) {
    const bool is_ours = operation == FakeFileSystem::Operation::kList && path == "/data/logs/orders";
    return is_ours && failures-- > 0 ? absl::UnavailableError("input/output error") : absl::OkStatus();
  });
  EXPECT_THAT(engine->DeleteLog("orders"), IsOk());
  EXPECT_FALSE(engine->CreateLog("orders", {}).ok()) << "its old events would come back";
  files_.SetFault(nullptr);
  const absl::StatusOr<std::shared_ptr<Log>> log = engine->CreateLog("orders", {});
  ASSERT_THAT(log, IsOk());
  EXPECT_EQ(0, (*log)->bounds().head_offset);
}

TEST_F(EmbeddedStoresTest, AFolderAboveWhoseSyncFailsKeepsTheLogFromOpening) {
  absl::Status error = Error(absl::StatusCode::kUnavailable, "STORAGE_FAILED", "input/output error");
  files_.SetFault([&](FakeFileSystem::Operation operation, const std::string& path) {
    return operation == FakeFileSystem::Operation::kSyncDirectory && path == "/" ? error : absl::OkStatus();
  });
  EXPECT_THAT(OpenEmbeddedEngine(files_, SmallSegments()), StatusIs(absl::StatusCode::kUnavailable));
  error = Error(absl::StatusCode::kFailedPrecondition, "STORAGE_FAILED", "permission denied");
  EXPECT_THAT(OpenEmbeddedEngine(files_, SmallSegments()), IsOk()) << "it is not ours to sync";
}

TEST_F(EmbeddedStoresTest, FilesThatAreNotOursStay) {
  OpenEngine().reset();
  ASSERT_THAT(files_.CreateDirectories("/data/logs/backup"), IsOk());
  files_.SetContent("/data/logs/backup/events.tar", "mine");
  const std::unique_ptr<LocalEngine> engine = OpenEngine();
  EXPECT_EQ(files_.Content("/data/logs/backup/events.tar"), "mine");
  EXPECT_THAT(engine->CreateLog("backup", {}), HasReason("LOG_EXISTS"));
}

// Creates a log, appends to it, deletes it; what of it was acknowledged.
struct Life {
  bool appended = false;
  bool deleted = false;
};
Life Live(LocalEngine& engine) {
  Life life;
  const absl::StatusOr<std::shared_ptr<Log>> log = engine.CreateLog("orders", {});
  life.appended = log.ok() && Append(**log, MakeBatch({"a"})).ok();
  life.deleted = life.appended && engine.DeleteLog("orders").ok();
  return life;
}

TEST_F(EmbeddedStoresTest, ACrashAtAnyMomentLeavesAWholeLogOrNone) {
  int64_t operations = 0;
  {
    const std::unique_ptr<LocalEngine> engine = OpenEngine();
    operations = -files_.operations();
    ASSERT_TRUE(Live(*engine).deleted);
    operations += files_.operations();
  }
  ASSERT_GT(operations, 10);
  constexpr int64_t kSeeds = 5;
  for (int64_t round = 0; round < operations * kSeeds; ++round) {
    const int64_t cut = 1 + round / kSeeds;
    SCOPED_TRACE(cut);
    Life life;
    {
      const std::unique_ptr<LocalEngine> engine = OpenEngine();
      files_.CutPowerAt(files_.operations() + cut);
      life = Live(*engine);
    }
    files_.Restart(static_cast<uint32_t>(round % kSeeds));
    const std::unique_ptr<LocalEngine> engine = OpenEngine();
    const absl::StatusOr<std::shared_ptr<Log>> log = engine->FindLog("orders");
    EXPECT_FALSE(life.deleted && log.ok());
    if (log.ok()) {
      const std::vector<std::string> texts = ReadTexts(**log);
      EXPECT_TRUE(texts == std::vector<std::string>({"a"}) || (texts.empty() && !life.appended));
      EXPECT_THAT(engine->DeleteLog("orders"), IsOk());
    }
    EXPECT_TRUE(Live(*engine).deleted) << "what the crash left is in the way";
  }
}

TEST_F(EmbeddedStoresTest, ARefusedDeletionLeavesTheLogAlsoAfterARestart) {
  {
    const std::unique_ptr<LocalEngine> engine = OpenEngine();
    const std::shared_ptr<Log> log = *engine->CreateLog("orders", {});
    bool fails = true;
    files_.SetFault([&](FakeFileSystem::Operation operation, const std::string& path) {
      const bool fails_now =
          fails && operation == FakeFileSystem::Operation::kSyncDirectory && path == "/data/logs/orders";
      if (fails_now) fails = false;
      return fails_now ? Error(absl::StatusCode::kUnavailable, "STORAGE_FAILED", "io") : absl::OkStatus();
    });
    EXPECT_FALSE(engine->DeleteLog("orders").ok());
    files_.SetFault(nullptr);
    EXPECT_THAT(engine->FindLog("orders"), IsOk());
    for (int i = 0; i < 3; ++i) ASSERT_THAT(Append(*log, MakeBatch({"acknowledged"})), IsOk());
  }
  const std::unique_ptr<LocalEngine> engine = OpenEngine();
  const auto log = engine->FindLog("orders");
  ASSERT_THAT(log, IsOk());
  EXPECT_EQ((*log)->bounds().head_offset, 3);
}

TEST_F(EmbeddedStoresTest, ALogWhoseDeletionIsNotKnownTakesNoMore) {
  const std::unique_ptr<LocalEngine> engine = OpenEngine();
  const std::shared_ptr<Log> log = *engine->CreateLog("orders", {});
  files_.SetFault([&](FakeFileSystem::Operation operation, const std::string& path) {
    const bool syncs_or_takes_back =
        operation == FakeFileSystem::Operation::kSyncDirectory || operation == FakeFileSystem::Operation::kRemove;
    return syncs_or_takes_back && path.find("/orders") != std::string::npos
               ? Error(absl::StatusCode::kUnavailable, "STORAGE_FAILED", "io")
               : absl::OkStatus();
  });
  EXPECT_THAT(engine->DeleteLog("orders"), StatusIs(absl::StatusCode::kUnknown));
  files_.SetFault(nullptr);
  EXPECT_THAT(Append(*log, MakeBatch({"late"})), HasReason("LOG_NOT_FOUND"));
  EXPECT_THAT(engine->FindLog("orders").status(), HasReason("LOG_NOT_FOUND"));
}

// A deletion breaks off before its mark is durable; the next start begins to clear the log away; the power goes.
TEST_F(EmbeddedStoresTest, WhatAMarkStandsForDoesNotGoBeforeIt) {
  using Operation = FakeFileSystem::Operation;
  bool clearing = false;
  int removed = 0;
  {
    const std::unique_ptr<LocalEngine> engine = OpenEngine();
    const std::shared_ptr<Log> log = *engine->CreateLog("orders", {});
    for (int i = 0; i < 40; ++i) ASSERT_THAT(Append(*log, MakeBatch({std::string(300, 'x')})), IsOk());
    files_.SetFault([&](Operation operation, const std::string& path) {
      const bool fails = path.find("/orders") != std::string::npos &&
                         (operation == Operation::kRemove || operation == Operation::kSyncDirectory) &&
                         (!clearing || (operation == Operation::kRemove && ++removed > 2));
      return fails ? Error(absl::StatusCode::kUnavailable, "STORAGE_FAILED", "io") : absl::OkStatus();
    });
    ASSERT_THAT(engine->DeleteLog("orders"), StatusIs(absl::StatusCode::kUnknown));
  }
  clearing = true;
  OpenEngine();
  files_.SetFault(nullptr);
  const FakeFileSystem::Image image = files_.Capture();
  for (uint32_t seed = 0; seed < 40; ++seed) {
    FakeFileSystem files(image, seed);
    const absl::StatusOr<std::unique_ptr<LocalEngine>> engine = OpenEmbeddedEngine(files, SmallSegments());
    ASSERT_THAT(engine, IsOk()) << seed;
    const absl::StatusOr<std::shared_ptr<Log>> log = (*engine)->FindLog("orders");
    if (log.ok()) {
      EXPECT_EQ(ReadAll(**log).size(), 40u) << "half of a log, seed " << seed;
    } else {
      EXPECT_THAT((*engine)->CreateLog("orders", {}), IsOk()) << seed;
    }
  }
}

TEST_F(EmbeddedStoresTest, AnIndexThatAReaderLeftDoesNotKeepTheNameForEver) {
  const std::unique_ptr<LocalEngine> engine = OpenEngine();
  {
    const std::shared_ptr<Log> log = *engine->CreateLog("orders", {});
    for (int i = 0; i < 40; ++i) ASSERT_THAT(Append(*log, MakeBatch({std::string(300, 'x')})), IsOk());
    ASSERT_THAT(files_.Remove("/data/logs/orders/00000000000000000000.index"), IsOk());
    // A reader stands in the middle of the building of the missing index while the log is deleted: its file lies in the
    // folder when the files that were listed are gone.
    bool once = true;
    files_.SetFault([&](FakeFileSystem::Operation operation, const std::string& path) {
      if (once && operation == FakeFileSystem::Operation::kRemove && path.find("/orders/") != std::string::npos) {
        once = false;
        EXPECT_THAT(log->Read({0}), IsOk());
      }
      return absl::OkStatus();
    });
    EXPECT_THAT(engine->DeleteLog("orders"), IsOk());
    files_.SetFault(nullptr);
  }
  EXPECT_THAT(engine->CreateLog("orders", {}), IsOk());
}

}  // namespace
}  // namespace eventlog
