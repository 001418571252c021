// What the mark beside the active segment says is synced, and what becomes of it when the segment is replaced.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/storage/segment_header.h"
#include "eventlog-svc/storage/segmented_log.h"
#include "eventlog-svc/storage/synced_mark.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/eventlog-svc/storage/log_builder.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using Operation = FakeFileSystem::Operation;

// A segment without records: what it holds is a change of state, and its mark says that this was synced.
void FillEmptySegment(FakeFileSystem& files, SegmentedLog& log) {
  BatchHeader header;
  header.append_time = absl::FromUnixSeconds(1'000'000);
  EncodedBatch batch = EncodeStateBatch(header, "change");
  ASSERT_THAT(log.Append({&batch, 1}), IsOk());
  ASSERT_THAT(log.Sync(), IsOk());
  log.Close();
  ASSERT_THAT(files.SyncDirectory("/"), IsOk());
}

// Of the mark beside the segment that begins at 0, when that is the one with this state.
int64_t MarkedPosition(FakeFileSystem& files, absl::string_view state) {
  const auto file = files.Open(absl::StrCat(kLogDirectory, "/00000000000000000000.log"), OpenMode::kRead);
  const auto header = ReadSegmentHeader(**file, "");
  EXPECT_THAT(header, IsOk());
  return header->state == state ? ReadSyncedMark(files, kLogDirectory, {header->salt, 0}).position : 0;
}

// What it says is synced would not be written again after a failed sync.
TEST(SegmentedLogTest, APowerCutLeavesNoMarkOfAReplacedSegmentBesideTheNewOne) {
  int replaced = 0;
  for (int64_t cut = 1; replaced == 0; ++cut) {
    ASSERT_LT(cut, 20) << "the segment is never replaced";
    for (uint32_t seed = 0; seed < 50; ++seed) {
      FakeFileSystem files;
      {
        const auto opened = OpenLog(files);
        FillEmptySegment(files, *opened->log);
        files.CutPowerAt(files.operations() + cut);
        replaced += opened->log->Roll("state").ok() ? 1 : 0;
      }
      files.Restart(seed);
      ASSERT_EQ(0, MarkedPosition(files, "state")) << cut << " " << seed;
    }
  }
}

TEST(SegmentedLogTest, AMarkThatCannotBeLookedAtDoesNotOutliveItsSegment) {
  FakeFileSystem files;
  const auto opened = OpenLog(files);
  FillEmptySegment(files, *opened->log);
  files.SetFault([](Operation operation, const std::string&) {
    if (operation != Operation::kStat) return absl::OkStatus();
    return Error(absl::StatusCode::kUnavailable, "STORAGE_FAILED", "input/output error");
  });
  (void)opened->log->Roll("state");
  files.SetFault(nullptr);
  EXPECT_EQ(0, MarkedPosition(files, "state"));
}

// The segment before it would give its offsets again.
TEST(SegmentedLogTest, AnActiveSegmentThatSomebodyRemovedKeepsTheLogFromOpening) {
  const std::string missing = absl::StrCat(kLogDirectory, "/00000000000000000002.log");
  FakeFileSystem files;
  {
    const auto opened = OpenLog(files);
    ASSERT_THAT(Commit(*opened->log, 2), IsOk());
    ASSERT_THAT(opened->log->Roll("state"), IsOk());
    ASSERT_THAT(Commit(*opened->log, 3), IsOk());
    opened->log->Close();
  }
  const std::string content = files.Content(missing);
  ASSERT_THAT(files.Remove(missing), IsOk());
  EXPECT_THAT(OpenLog(files),
              AllOf(StatusIs(absl::StatusCode::kDataLoss, HasSubstr(missing)), HasReason("DATA_CORRUPT")));
  files.SetContent(missing, content);
  EXPECT_EQ(5, OpenLog(files)->log->next_offset());
  ASSERT_THAT(files.Remove(missing), IsOk());
  ASSERT_THAT(files.Remove(absl::StrCat(kLogDirectory, "/00000000000000000002.synced")), IsOk());
  EXPECT_EQ(2, OpenLog(files)->log->next_offset()) << "who wants to lose it may";
}

// A log that begins anew there could not be opened a second time.
TEST(SegmentedLogTest, AMarkWithoutAnySegmentKeepsTheLogFromOpening) {
  FakeFileSystem files;
  {
    const auto opened = OpenLog(files);
    ASSERT_THAT(Commit(*opened->log, 2), IsOk());
    opened->log->Close();
  }
  ASSERT_THAT(files.Remove(absl::StrCat(kLogDirectory, "/00000000000000000000.log")), IsOk());
  EXPECT_THAT(OpenLog(files), AllOf(StatusIs(absl::StatusCode::kDataLoss), HasReason("DATA_CORRUPT")));
  ASSERT_THAT(files.Remove(absl::StrCat(kLogDirectory, "/00000000000000000000.synced")), IsOk());
  EXPECT_EQ(0, OpenLog(files)->log->next_offset());
}

TEST(SegmentedLogTest, ASyncedMarkThatCannotBeSaysNothing) {
  for (const SyncedMark& mark : {SyncedMark{1 << 20, 5}, SyncedMark{100, 1000}, SyncedMark{INT64_MAX, INT64_MAX}}) {
    FakeFileSystem files;
    BatchSeal seal;
    {
      const auto opened = OpenLog(files);
      ASSERT_THAT(Commit(*opened->log, 2), IsOk());
      const auto file = files.Open(absl::StrCat(kLogDirectory, "/00000000000000000000.log"), OpenMode::kRead);
      seal.salt = ReadSegmentHeader(**file, "")->salt;
    }
    ASSERT_THAT(WriteSyncedMark(files, kLogDirectory, seal, mark), IsOk());
    const auto opened = OpenLog(files);
    ASSERT_THAT(opened, IsOk());
    EXPECT_EQ(2, opened->log->next_offset());
    EXPECT_EQ((std::vector<int64_t>{0, 1}), ScanLog(*opened->log, {0, Direction::kForward, 1000, 1 << 20}));
  }
}

}  // namespace
}  // namespace eventlog
