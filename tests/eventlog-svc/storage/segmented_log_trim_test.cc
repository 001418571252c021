// Where a log begins, and what a reader finds that is overtaken by it.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "eventlog-svc/storage/segmented_log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/eventlog-svc/storage/log_builder.h"

namespace eventlog {
namespace {

using testing::Contains;
using Operation = FakeFileSystem::Operation;

const std::string kFirstSegment = absl::StrCat(kLogDirectory, "/00000000000000000000.log");
constexpr ReadOptions kAll{0, Direction::kForward, 1000, 1 << 20};

TEST(SegmentedLogTest, AWhollyDamagedOldestSegmentHasNoTime) {
  FakeFileSystem files;
  {
    auto opened = OpenLog(files);
    for (int i = 0; i < 2; ++i) {
      ASSERT_THAT(Commit(*opened->log, 2), IsOk());
      ASSERT_THAT(opened->log->Roll(""), IsOk());
    }
  }
  files.SetContent(kFirstSegment, "");
  files.SetContent(absl::StrCat(kLogDirectory, "/00000000000000000000.index"), "");
  EXPECT_EQ(absl::FromUnixSeconds(1'000'002), OpenLog(files)->log->size().oldest_append_time);
}

TEST(SegmentedLogTest, ATrimToADamagedBatchKnowsTheOldestTimeOfWhatIsBehindIt) {
  FakeFileSystem files;
  int64_t begin = 0;
  {
    auto opened = OpenLog(files);
    ASSERT_THAT(Commit(*opened->log, 2), IsOk());
    begin = opened->log->size().byte_count;
    for (int i = 0; i < 2; ++i) ASSERT_THAT(Commit(*opened->log, 3), IsOk());
    opened->log->Close();
  }
  std::string content = files.Content(kFirstSegment);
  content.at(static_cast<size_t>(begin) + 80) ^= 1;
  files.SetContent(kFirstSegment, content);
  auto opened = OpenLog(files);
  ASSERT_THAT(opened, IsOk());
  opened->log->Trim(2);
  ASSERT_EQ((std::vector<int64_t>{-3, -6, 5, 6, 7}), ScanLog(*opened->log, kAll));
  // Retention by age goes by it: it would keep all until what is appended next has grown old.
  EXPECT_EQ(absl::FromUnixSeconds(1'000'005), opened->log->size().oldest_append_time);
  ASSERT_THAT(Commit(*opened->log, 1), IsOk());
  EXPECT_EQ(absl::FromUnixSeconds(1'000'005), opened->log->size().oldest_append_time);
}

TEST(SegmentedLogTest, AReaderWhoseSegmentIsTrimmedUnderItGetsTheLogAsItIsThen) {
  for (const bool by_time : {false, true}) {
    FakeFileSystem files;
    const auto opened = OpenLog(files, {.segment_bytes_max = 64 * 1024, .open_segments_max = 1});
    for (int i = 0; i < 3; ++i) {
      ASSERT_THAT(Commit(*opened->log, 2), IsOk());
      ASSERT_THAT(opened->log->Roll(""), IsOk());
    }
    ASSERT_THAT(opened->log->Read({2}), IsOk());  // the first segment is not open any more
    bool trimmed = false;
    files.SetFault([&](Operation operation, const std::string& path) {
      const bool is_opened = operation == Operation::kOpen && path == kFirstSegment;
      if (is_opened && !std::exchange(trimmed, true)) opened->log->Trim(4);
      return absl::OkStatus();
    });
    if (by_time) {
      EXPECT_THAT(opened->log->OffsetAt(absl::FromUnixSeconds(1'000'000)), IsOkAndHolds(4));
    } else {
      EXPECT_THAT(opened->log->Read({0}), IsOkAndHolds(testing::Field(&RecordPage::next_offset, 4)));
    }
    EXPECT_TRUE(trimmed);
  }
}

TEST(SegmentedLogTest, WhatWasTrimmedInTheActiveSegmentGoesWithTheNextRoll) {
  FakeFileSystem files;
  const auto opened = OpenLog(files);
  ASSERT_THAT(Commit(*opened->log, 4), IsOk());
  opened->log->Trim(4);
  EXPECT_THAT(*files.List(kLogDirectory), Contains("00000000000000000000.log"));
  ASSERT_THAT(opened->log->Roll("state"), IsOk());
  EXPECT_THAT(*files.List(kLogDirectory), testing::ElementsAre("00000000000000000004.log"));
  EXPECT_EQ(1u, opened->log->stored_segments().size());
  ASSERT_THAT(Commit(*opened->log, 2), IsOk());
  EXPECT_EQ(2, opened->log->size().record_count);
}

}  // namespace
}  // namespace eventlog
