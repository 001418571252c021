#include "eventlog-svc/tool/log_restorer.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/eventlog-svc/tool/full_log.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kFolder[] = "/data/logs/events";

class LogRestorerTest : public testing::Test {
 protected:
  LogRestorerTest() { full_.service.engine().Close(); }

  // From the folder of the full log, which is stopped.
  absl::StatusOr<LogCopy> Restore(FakeFileSystem& files, RestoredEpoch epoch = RestoredEpoch::kNew) {
    damage_.clear();
    LogRestorer restorer(DataFolder(source(), "/data"), DataFolder(files, "/data"), epoch);
    return restorer.Restore("events", [this](const SegmentReport& report) { damage_.push_back(report); });
  }
  FakeFileSystem& source() { return full_.service.files; }
  // The segments of the full log, oldest first.
  std::vector<std::string> Segments() {
    std::vector<std::string> segments;
    for (const std::string& name : FullLog::NamesIn(source(), kFolder)) {
      if (absl::EndsWith(name, ".log")) segments.push_back(absl::StrCat(kFolder, "/", name));
    }
    EXPECT_GT(segments.size(), 2u);
    return segments;
  }
  void Flip(const std::string& path, size_t position) {
    std::string content = source().Content(path);
    content[position] ^= 1;
    source().SetContent(path, content);
  }

  FullLog full_;
  std::vector<SegmentReport> damage_;
};

TEST_F(LogRestorerTest, ARestoredLogHasAllThatItHadAndANewEpoch) {
  FakeFileSystem files;
  const int64_t operations = source().operations();
  const absl::StatusOr<LogCopy> copy = Restore(files);
  ASSERT_THAT(copy, IsOk());
  EXPECT_EQ(operations, source().operations()) << "the source is left as it is";
  EXPECT_FALSE(copy->damaged());
  EXPECT_THAT(damage_, IsEmpty());
  EXPECT_EQ(FullLog::kHead, copy->next_offset);
  EXPECT_EQ(16u, copy->epoch.size());
  EXPECT_NE(full_.epoch, copy->epoch);
  EXPECT_EQ(copy->epoch, ScanService::OpenEngine(files)->logs().front()->epoch());
  EXPECT_THAT(FullLog::NamesIn(files, "/data/logs"), ElementsAre("events"));
  full_.ExpectCopy(files);
}

TEST_F(LogRestorerTest, EachRestoreHasItsOwnEpoch) {
  FakeFileSystem first, second;
  ASSERT_THAT(Restore(first), IsOk());
  EXPECT_NE(Restore(second)->epoch, ScanService::OpenEngine(first)->logs().front()->epoch());
}

TEST_F(LogRestorerTest, AMovedLogKeepsItsEpochAndEveryByte) {
  FakeFileSystem files;
  const absl::StatusOr<LogCopy> copy = Restore(files, RestoredEpoch::kKept);
  ASSERT_THAT(copy, IsOk());
  EXPECT_EQ(full_.epoch, copy->epoch);
  for (const std::string& path : Segments()) EXPECT_EQ(source().Content(path), files.Content(path)) << path;
  full_.ExpectCopy(files);
}

TEST_F(LogRestorerTest, ALogThatIsThereIsNotTouched) {
  FakeFileSystem files;
  ASSERT_THAT(Restore(files), IsOk());
  const std::string content = files.Content(Segments().back());
  EXPECT_THAT(Restore(files),
              AllOf(StatusIs(absl::StatusCode::kAlreadyExists,
                             AllOf(HasSubstr("move /data/logs/events out of /data/logs"), HasSubstr("\"events\""))),
                    HasReason("LOG_EXISTS")));
  EXPECT_EQ(content, files.Content(Segments().back()));
  full_.ExpectCopy(files);
}

TEST_F(LogRestorerTest, WhatIsNotThereIsAnError) {
  FakeFileSystem files;
  LogRestorer restorer(DataFolder(source(), "/data"), DataFolder(files, "/data"), RestoredEpoch::kNew);
  EXPECT_FALSE(restorer.Restore("other", nullptr).ok());
  EXPECT_THAT(FullLog::NamesIn(files, "/data/logs"), IsEmpty());
}

TEST_F(LogRestorerTest, ADamagedLogIsRestoredAndSaysSo) {
  const std::string path = Segments().front();
  Flip(path, source().Content(path).find("EVBT") + 100);
  FakeFileSystem files;
  const absl::StatusOr<LogCopy> copy = Restore(files);
  ASSERT_THAT(copy, IsOk());
  EXPECT_EQ(1, copy->summary.lost_record_count);
  EXPECT_EQ(1u, damage_.size());
  EXPECT_EQ(FullLog::kHead, ScanService::OpenEngine(files)->logs().front()->bounds().head_offset);
}

// The mark comes along: without it this would look like a torn tail.
TEST_F(LogRestorerTest, DamageOfTheLastBatchIsDamage) {
  const std::string path = Segments().back();
  Flip(path, source().Content(path).rfind("EVBT") + 100);
  FakeFileSystem files;
  EXPECT_EQ(3, Restore(files)->summary.lost_record_count);
  EXPECT_EQ(FullLog::kHead, ScanService::OpenEngine(files)->logs().front()->bounds().head_offset);
}

TEST_F(LogRestorerTest, AClosedSegmentWithADamagedHeaderComesAsItIs) {
  const std::string path = Segments().front();
  Flip(path, 20);
  FakeFileSystem files;
  const absl::StatusOr<LogCopy> copy = Restore(files);
  ASSERT_THAT(copy, IsOk());
  EXPECT_EQ(1, copy->summary.damaged_segment_count);
  EXPECT_EQ(0, copy->summary.lost_record_count);
  EXPECT_EQ(source().Content(path), files.Content(path));
  full_.ExpectCopy(files);
}

TEST_F(LogRestorerTest, ASegmentOfAnotherLogDoesNotBecomeOneOfThis) {
  FullLog other;
  other.service.engine().Close();
  const std::string path = Segments().front();
  source().SetContent(path, other.service.files.Content(path));
  FakeFileSystem files;
  const absl::StatusOr<LogCopy> copy = Restore(files);
  ASSERT_THAT(copy, IsOk());
  EXPECT_EQ(1, copy->summary.damaged_segment_count);
  EXPECT_EQ(source().Content(path), files.Content(path));
}

TEST_F(LogRestorerTest, ALogThatNoServiceCouldOpenIsNotRestored) {
  Flip(Segments().back(), 20);
  FakeFileSystem files;
  EXPECT_THAT(Restore(files), AllOf(StatusIs(absl::StatusCode::kDataLoss), HasReason("DATA_CORRUPT")));
  EXPECT_THAT(FullLog::NamesIn(files, "/data/logs"), IsEmpty());
}

TEST_F(LogRestorerTest, ASourceThatCannotBeReadLeavesNothing) {
  int reads = 0;
  source().SetFault([&](FakeFileSystem::Operation operation, const std::string&) {
    const bool fails = operation == FakeFileSystem::Operation::kRead && ++reads > 10;
    return fails ? absl::UnavailableError("bad sector") : absl::OkStatus();
  });
  FakeFileSystem files;
  EXPECT_THAT(Restore(files), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(FullLog::NamesIn(files, "/data/logs"), IsEmpty());
}

TEST_F(LogRestorerTest, APowerCutLeavesTheWholeLogOrNone) {
  FakeFileSystem uncut;
  ASSERT_THAT(Restore(uncut), IsOk());
  int whole = 0;
  for (int64_t operation = 1; operation <= uncut.operations() + 1; ++operation) {
    for (const uint32_t seed : {0, 1, 2, 3, 4, 5}) {
      SCOPED_TRACE(absl::StrCat("power cut at operation ", operation, ", seed ", seed));
      FakeFileSystem files;
      files.CutPowerAt(operation);
      const absl::StatusOr<LogCopy> copy = Restore(files);
      files.Restart(seed);
      const bool is_there = !FullLog::LogsIn(files).empty();
      // With the power gone nobody hears of it.
      const bool is_said = copy.ok() && operation > uncut.operations();
      EXPECT_TRUE(is_there || !is_said) << "a log that was said to be restored is gone";
      whole += is_there ? 1 : 0;
      if (!is_there) {
        EXPECT_THAT(Restore(files), IsOk());
      }
      EXPECT_THAT(FullLog::NamesIn(files, "/data/logs"), ElementsAre("events"));
      full_.ExpectCopy(files);
    }
  }
  EXPECT_GT(whole, 6) << "some were whole although the power went before the end";
}

// What is left of an attempt is no log, to nobody.
TEST_F(LogRestorerTest, AnUnfinishedLogIsLeftAloneByTheService) {
  FakeFileSystem files;
  FakeFileSystem uncut;
  ASSERT_THAT(Restore(uncut), IsOk());
  files.CutPowerAt(uncut.operations() / 2);
  EXPECT_FALSE(Restore(files).ok());
  files.Restart(1);
  const std::string rest = "/data/logs/.events.unfinished";
  ASSERT_THAT(FullLog::NamesIn(files, "/data/logs"), ElementsAre(".events.unfinished"));
  const std::vector<std::string> names = FullLog::NamesIn(files, rest);
  EXPECT_EQ(0, ScanService::OpenEngine(files)->logs().front()->bounds().head_offset);
  EXPECT_EQ(names, FullLog::NamesIn(files, rest));
}

}  // namespace
}  // namespace eventlog
