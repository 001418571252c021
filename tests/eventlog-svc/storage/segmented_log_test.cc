#include "eventlog-svc/storage/segmented_log.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/eventlog-svc/storage/log_builder.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using Operation = FakeFileSystem::Operation;

const std::string kFirstSegment = absl::StrCat(kLogDirectory, "/00000000000000000000.log");
constexpr ReadOptions kAll{0, Direction::kForward, 1000, 1 << 20};

std::vector<int64_t> Offsets(int64_t count) {
  std::vector<int64_t> offsets;
  for (int64_t offset = 0; offset < count; ++offset) offsets.push_back(offset);
  return offsets;
}

// Flips a bit of the first segment.
void Damage(FakeFileSystem& files, int64_t position) {
  std::string content = files.Content(kFirstSegment);
  content.at(static_cast<size_t>(position)) ^= 1;
  files.SetContent(kFirstSegment, content);
}

TEST(SegmentedLogTest, WhatIsNotPublishedIsNotRead) {
  FakeFileSystem files;
  const auto opened = OpenLog(files);
  EncodedBatch batch = NextBatch(*opened->log, 3);
  ASSERT_THAT(opened->log->Append({&batch, 1}), IsOk());
  ASSERT_THAT(opened->log->Sync(), IsOk());
  EXPECT_EQ(0, opened->log->size().bounds.head_offset);
  opened->log->Publish();
  EXPECT_EQ(Offsets(3), ScanLog(*opened->log, kAll));
}

TEST(SegmentedLogTest, AStoredSegmentThatIsClosedBeforeItIsOpenedKnowsItsEnd) {
  FakeFileSystem files;
  const auto opened = OpenLog(files);
  ASSERT_THAT(Commit(*opened->log, 4), IsOk());
  const std::vector<StoredSegment> seen = opened->log->stored_segments();
  ASSERT_THAT(opened->log->Roll("state"), IsOk());
  ASSERT_THAT(Commit(*opened->log, 3), IsOk());
  const absl::StatusOr<StoredContent> content = seen.back().open();
  ASSERT_THAT(content, IsOk());
  EXPECT_EQ(content->next_offset, 4);
}

TEST(SegmentedLogTest, ARestartFindsEpochOffsetsStateAndSize) {
  FakeFileSystem files;
  std::string epoch;
  LogSize size;
  {
    auto opened = OpenLog(files);
    // The folders above the log's are the engine's to sync.
    ASSERT_THAT(files.SyncDirectory("/"), IsOk());
    epoch = opened->log->epoch();
    EXPECT_EQ(16u, epoch.size());
    ASSERT_THAT(Commit(*opened->log, 4), IsOk());
    ASSERT_THAT(opened->log->Roll("the state"), IsOk());
    ASSERT_THAT(Commit(*opened->log, 2), IsOk());
    ASSERT_THAT(Commit(*opened->log, 3), IsOk());
    size = opened->log->size();
  }
  files.Restart(1);
  const auto opened = OpenLog(files);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(epoch, opened->log->epoch());
  EXPECT_EQ("the state", opened->state);
  EXPECT_EQ((std::vector<int64_t>{4, 6}), opened->recovered_bases);
  EXPECT_EQ(9, opened->log->next_offset());
  EXPECT_EQ(size.record_count, opened->log->size().record_count);
  EXPECT_EQ(size.byte_count, opened->log->size().byte_count);
  EXPECT_EQ(size.oldest_append_time, opened->log->size().oldest_append_time);
  EXPECT_EQ(size.newest_append_time, opened->log->size().newest_append_time);
  EXPECT_EQ(Offsets(9), ScanLog(*opened->log, kAll));
}

TEST(SegmentedLogTest, TimeDoesNotFallBehindAStateBatchAtARestart) {
  FakeFileSystem files;
  const absl::Time later = absl::Now() + absl::Hours(1);
  {
    auto opened = OpenLog(files);
    BatchHeader header;
    header.append_time = later;
    EncodedBatch batch = EncodeStateBatch(header, "change");
    ASSERT_THAT(opened->log->Append({&batch, 1}), IsOk());
    ASSERT_THAT(opened->log->Sync(), IsOk());
  }
  EXPECT_EQ(later, OpenLog(files)->log->last_append_time());
}

TEST(SegmentedLogTest, ATornTailIsCutAndKeptAside) {
  FakeFileSystem files;
  std::string path;
  {
    auto opened = OpenLog(files);
    ASSERT_THAT(Commit(*opened->log, 2), IsOk());
    EncodedBatch torn = NextBatch(*opened->log, 3);
    path = absl::StrCat(kLogDirectory, "/00000000000000000000.log");
    std::string content = files.Content(path);
    content.replace(static_cast<size_t>(48 + opened->log->size().byte_count - 48), 100, torn.bytes.substr(0, 100));
    files.SetContent(path, content);
  }
  auto opened = OpenLog(files);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(2, opened->log->next_offset());
  EXPECT_THAT(*files.List(kLogDirectory), Contains(HasSubstr(".torn-")));
  ASSERT_THAT(Commit(*opened->log, 1), IsOk());
  opened->log.reset();
  EXPECT_EQ(Offsets(3), ScanLog(*OpenLog(files)->log, kAll));
}

TEST(SegmentedLogTest, APowerCutAtAnyOperationOfARollLosesNothingThatWasSynced) {
  for (int64_t cut = 1; cut < 12; ++cut) {
    for (const uint32_t seed : {0u, 1u, 7u, 8u, 9u}) {
      FakeFileSystem files;
      {
        auto opened = OpenLog(files);
        ASSERT_THAT(Commit(*opened->log, 4), IsOk());
        ASSERT_THAT(files.SyncDirectory("/"), IsOk());
        files.CutPowerAt(files.operations() + cut);
        const absl::Status rolled = opened->log->Roll("state");
        if (rolled.ok()) (void)Commit(*opened->log, 2);
      }
      files.Restart(seed);
      const auto opened = OpenLog(files);
      ASSERT_THAT(opened, IsOk()) << cut << " " << seed;
      const std::vector<int64_t> found = ScanLog(*opened->log, kAll);
      EXPECT_TRUE(found == Offsets(4) || found == Offsets(6)) << cut << " " << seed << " " << found.size();
    }
  }
}

TEST(SegmentedLogTest, AFailedSyncIsNeverTriedAgain) {
  FakeFileSystem files;
  auto opened = OpenLog(files);
  ASSERT_THAT(Commit(*opened->log, 1), IsOk());
  int syncs = 0;
  files.SetFault([&](Operation operation, const std::string&) {
    if (operation != Operation::kSync) return absl::OkStatus();
    ++syncs;
    return Error(absl::StatusCode::kUnavailable, "STORAGE_FAILED", "cannot sync");
  });
  EXPECT_THAT(Commit(*opened->log, 1), HasReason("STORAGE_FAILED"));
  EXPECT_THAT(Commit(*opened->log, 1), HasReason("STORAGE_FAILED"));
  EXPECT_THAT(opened->log->Sync(), HasReason("STORAGE_FAILED"));
  EXPECT_THAT(opened->log->Roll(""), HasReason("STORAGE_FAILED"));
  EXPECT_EQ(1, syncs);
  EXPECT_EQ(Offsets(1), ScanLog(*opened->log, kAll));
}

TEST(SegmentedLogTest, WhatAFailedSyncLeftIsWrittenAgainBeforeItIsServed) {
  FakeFileSystem files;
  {
    auto opened = OpenLog(files);
    ASSERT_THAT(Commit(*opened->log, 2), IsOk());
    ASSERT_THAT(files.SyncDirectory("/"), IsOk());
    files.SetFault([](Operation operation, const std::string&) {
      if (operation != Operation::kSync) return absl::OkStatus();
      return Error(absl::StatusCode::kUnavailable, "STORAGE_FAILED", "cannot sync");
    });
    EXPECT_THAT(Commit(*opened->log, 3), HasReason("STORAGE_FAILED"));
    files.SetFault(nullptr);
  }
  // The process starts again: the system still shows what the disk does not have. Then the power goes.
  const std::vector<int64_t> served = ScanLog(*OpenLog(files)->log, kAll);
  EXPECT_EQ(Offsets(5), served);
  files.Restart(0);
  EXPECT_EQ(served, ScanLog(*OpenLog(files)->log, kAll));
}

TEST(SegmentedLogTest, DamageToTheLastGroupOfAClosedLogIsAGapAndItsOffsetsAreNotGivenAgain) {
  FakeFileSystem files;
  int64_t begin = 0;
  {
    auto opened = OpenLog(files);
    ASSERT_THAT(Commit(*opened->log, 2), IsOk());
    begin = opened->log->size().byte_count;
    ASSERT_THAT(Commit(*opened->log, 3), IsOk());
    opened->log->Close();
  }
  Damage(files, begin + 80);
  for (int opening = 0; opening < 3; ++opening) {
    auto opened = OpenLog(files);
    ASSERT_THAT(opened, IsOk());
    EXPECT_EQ(5 + opening, opened->log->next_offset());
    ASSERT_THAT(Commit(*opened->log, 1), IsOk());
  }
  EXPECT_EQ((std::vector<int64_t>{0, 1, -3, -6, 5, 6, 7}), ScanLog(*OpenLog(files)->log, kAll));
}

TEST(SegmentedLogTest, WhatWasRecoveredCountsAsSyncedFromThenOn) {
  FakeFileSystem files;
  ASSERT_THAT(Commit(*OpenLog(files)->log, 2), IsOk());  // killed: no mark
  { const auto recovered = OpenLog(files); }
  Damage(files, 140);
  const auto opened = OpenLog(files);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ((std::vector<int64_t>{-1, -3}), ScanLog(*opened->log, kAll));
}

TEST(SegmentedLogTest, AFullDiskDoesNotKeepATornLogFromOpening) {
  FakeFileSystem files;
  ASSERT_THAT(Commit(*OpenLog(files)->log, 2), IsOk());
  Damage(files, 140);
  files.SetFault([](Operation operation, const std::string&) {
    if (operation != Operation::kCreate && operation != Operation::kAllocate) return absl::OkStatus();
    return Error(absl::StatusCode::kResourceExhausted, "DISK_FULL", "no space left");
  });
  const auto opened = OpenLog(files);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(0, opened->log->next_offset());
}

TEST(SegmentedLogTest, ASecondTailTornAtOnePlaceDoesNotTakeTheFirstOnesName) {
  FakeFileSystem files;
  ASSERT_THAT(Commit(*OpenLog(files)->log, 2), IsOk());
  std::string content = files.Content(kFirstSegment);
  content[140] ^= 1;
  for (int i = 0; i < 2; ++i) {
    files.SetContent(kFirstSegment, content);
    files.SetContent(absl::StrCat(kLogDirectory, "/00000000000000000000.synced"), "");
    ASSERT_THAT(OpenLog(files), IsOk());
  }
  const std::vector<std::string> names = *files.List(kLogDirectory);
  EXPECT_EQ(2, std::count_if(names.begin(), names.end(),
                             [](const std::string& name) { return absl::StrContains(name, ".torn-"); }));
}

EncodedBatch BatchAt(int64_t offset, const std::string& text) {
  BatchHeader header;
  header.base_offset = offset;
  header.synced_offset = 2;
  header.append_time = absl::FromUnixSeconds(2'000'000);
  EventList events;
  events.Add(text, false);
  return EncodeBatch(std::move(header), events);
}

// A limit, not a promise: FORMAT.md says it of such disks. Its place, its salt and its offset are right.
TEST(SegmentedLogTest, WhereADiskLostAWriteOverACutTailTheBatchThatWasCutIsSeen) {
  FakeFileSystem files;
  const std::string path = absl::StrCat(kLogDirectory, "/00000000000000000000.log");
  size_t begin = 0;
  {
    auto opened = OpenLog(files);
    ASSERT_THAT(Commit(*opened->log, 2), IsOk());
    begin = static_cast<size_t>(opened->log->size().byte_count);
    EncodedBatch group[] = {BatchAt(2, "torn"), BatchAt(3, "was cut")};
    ASSERT_THAT(opened->log->Append(absl::MakeSpan(group)), IsOk());
  }
  const size_t torn_bytes = BatchAt(2, "torn").bytes.size(), cut_bytes = BatchAt(3, "was cut").bytes.size();
  std::string content = files.Content(path);
  const std::string cut = content.substr(begin + torn_bytes, cut_bytes);
  content[begin + torn_bytes - 1] ^= 1;
  files.SetContent(path, content);
  {
    auto opened = OpenLog(files);
    ASSERT_THAT(opened, IsOk());
    ASSERT_EQ(2, opened->log->next_offset());
    EncodedBatch group[] = {BatchAt(2, "anew"), BatchAt(3, "is kept")};
    ASSERT_THAT(opened->log->Append(absl::MakeSpan(group)), IsOk());
    ASSERT_THAT(opened->log->Sync(), IsOk());
    opened->log->Publish();
    opened->log->Close();
  }
  const auto wire = [&] { return OpenLog(files)->log->Read({2, Direction::kForward, 2, 1 << 20})->wire; };
  EXPECT_THAT(wire(), AllOf(HasSubstr("anew"), HasSubstr("is kept")));
  files.SetContent(path, files.Content(path).replace(begin + torn_bytes, cut_bytes, cut));
  EXPECT_THAT(wire(), AllOf(HasSubstr("anew"), HasSubstr("was cut")));
}

TEST(SegmentedLogTest, MoreSegmentsThanMayBeOpenAreReadAllTheSame) {
  FakeFileSystem files;
  SegmentedLogOptions options{64 * 1024, 200};
  options.open_segments_max = 2;
  auto opened = OpenLog(files, options);
  for (int i = 0; i < 10; ++i) {
    ASSERT_THAT(Commit(*opened->log, 2), IsOk());
    ASSERT_THAT(opened->log->Roll(""), IsOk());
  }
  for (int i = 0; i < 2; ++i) EXPECT_EQ(Offsets(20), ScanLog(*opened->log, kAll));
}

TEST(SegmentedLogTest, AFullDiskRefusesTheGroupAndGoesOnWhenThereIsSpace) {
  FakeFileSystem files;
  auto opened = OpenLog(files);
  ASSERT_THAT(Commit(*opened->log, 2), IsOk());
  files.SetFault([](Operation operation, const std::string&) {
    if (operation != Operation::kWrite) return absl::OkStatus();
    return Error(absl::StatusCode::kResourceExhausted, "DISK_FULL", "no space left");
  });
  EXPECT_THAT(Commit(*opened->log, 3), HasReason("DISK_FULL"));
  files.SetFault(nullptr);
  ASSERT_THAT(Commit(*opened->log, 3), IsOk());
  opened->log.reset();
  EXPECT_EQ(Offsets(5), ScanLog(*OpenLog(files)->log, kAll));
}

TEST(SegmentedLogTest, AnUnfinishedSegmentIsRemoved) {
  FakeFileSystem files;
  ASSERT_THAT(Commit(*OpenLog(files)->log, 2), IsOk());
  files.SetContent(absl::StrCat(kLogDirectory, "/00000000000000000002.new"), "half a header");
  EXPECT_EQ(Offsets(2), ScanLog(*OpenLog(files)->log, kAll));
  EXPECT_THAT(*files.List(kLogDirectory), testing::Not(Contains(HasSubstr(".new"))));
}

TEST(SegmentedLogTest, ADamagedHeaderOfTheActiveSegmentIsNamedAndNothingIsStartedAnew) {
  FakeFileSystem files;
  ASSERT_THAT(Commit(*OpenLog(files)->log, 2), IsOk());
  Damage(files, 20);
  const std::string content = files.Content(kFirstSegment);
  EXPECT_THAT(OpenLog(files),
              AllOf(StatusIs(absl::StatusCode::kDataLoss, HasSubstr(kFirstSegment)), HasReason("DATA_CORRUPT")));
  EXPECT_EQ(content, files.Content(kFirstSegment));
}

TEST(SegmentedLogTest, OpeningReadsNoClosedSegmentButTheFirstHeader) {
  FakeFileSystem files;
  {
    auto opened = OpenLog(files);
    for (int i = 0; i < 5; ++i) {
      ASSERT_THAT(Commit(*opened->log, 2), IsOk());
      ASSERT_THAT(opened->log->Roll(""), IsOk());
    }
  }
  // A closed segment that cannot be read at all does not keep the log from opening.
  files.SetContent(absl::StrCat(kLogDirectory, "/00000000000000000004.log"), "");
  files.SetContent(absl::StrCat(kLogDirectory, "/00000000000000000004.index"), "");
  const auto opened = OpenLog(files);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ((std::vector<int64_t>{0, 1, 2, 3, -5, -7, 6, 7, 8, 9}), ScanLog(*opened->log, kAll));
}

TEST(SegmentedLogTest, ARenamedSegmentIsNotTakenForATornOne) {
  FakeFileSystem files;
  ASSERT_THAT(Commit(*OpenLog(files)->log, 2), IsOk());
  const std::string from = absl::StrCat(kLogDirectory, "/00000000000000000000.log");
  const std::string to = absl::StrCat(kLogDirectory, "/00000000000000000007.log");
  ASSERT_THAT(files.Rename(from, to), IsOk());
  const std::string content = files.Content(to);
  EXPECT_THAT(OpenLog(files), AllOf(StatusIs(absl::StatusCode::kDataLoss, HasSubstr(to)), HasReason("DATA_CORRUPT")));
  EXPECT_EQ(content, files.Content(to));
}

}  // namespace
}  // namespace eventlog
