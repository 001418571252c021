#include "eventlog-svc/storage/log_verifier.h"

#include <memory>
#include <string>
#include <vector>

#include "eventlog-svc/storage/segment_format.h"
#include "eventlog-svc/storage/segment_header.h"
#include "eventlog-svc/storage/segment_index.h"
#include "eventlog-svc/storage/segment_name.h"
#include "eventlog-svc/storage/stored_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/eventlog-svc/storage/log_builder.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string Path(int64_t base_offset, absl::string_view suffix = kSegmentSuffix) {
  return absl::StrCat(kLogDirectory, "/", SegmentFileName(base_offset, suffix));
}

struct Found {
  std::vector<SegmentReport> reports;
  VerifySummary summary;
};

Found Verify(std::vector<StoredSegment> segments, LogVerifierOptions options = {}) {
  Found found;
  LogVerifier verifier(std::move(segments), std::move(options));
  while (true) {
    const absl::StatusOr<std::optional<SegmentReport>> report = verifier.Next();
    EXPECT_THAT(report, IsOk());
    if (!report.ok() || !report->has_value()) break;
    found.reports.push_back(**report);
  }
  found.summary = verifier.summary();
  return found;
}

// Three segments: offsets 0 to 3 in two batches, 4 to 5, and 6 to 8 in three batches.
class LogVerifierTest : public testing::Test {
 protected:
  LogVerifierTest() {
    log_ = std::move(OpenLog(files_)->log);
    EXPECT_THAT(Commit(*log_, 2), IsOk());
    EXPECT_THAT(Commit(*log_, 2), IsOk());
    EXPECT_THAT(log_->Roll("state"), IsOk());
    EXPECT_THAT(Commit(*log_, 2), IsOk());
    EXPECT_THAT(log_->Roll("state"), IsOk());
    for (int i = 0; i < 3; ++i) EXPECT_THAT(Commit(*log_, 1), IsOk());
  }

  Found VerifyFolder() {
    log_->Close();
    return Verify(*FindStoredSegments(files_, kLogDirectory));
  }
  void Flip(const std::string& path, size_t position) {
    std::string content = files_.Content(path);
    content[position] = static_cast<char>(content[position] ^ 1);
    files_.SetContent(path, content);
  }

  FakeFileSystem files_;
  std::unique_ptr<SegmentedLog> log_;
};

TEST_F(LogVerifierTest, ASoundLogHasAReportForEachSegment) {
  for (const Found& found : {Verify(log_->stored_segments()), VerifyFolder()}) {
    ASSERT_EQ(3u, found.reports.size());
    for (const SegmentReport& report : found.reports) EXPECT_FALSE(report.damaged()) << report.problems[0];
    EXPECT_EQ("00000000000000000004.log", found.reports[1].file);
    EXPECT_EQ(4, found.reports[1].base_offset);
    EXPECT_EQ(6, found.reports[1].next_offset);
    EXPECT_EQ(2, found.reports[1].record_count);
    EXPECT_EQ(files_.FileSize(Path(4)), absl::StatusOr<int64_t>(found.reports[1].byte_count));
    EXPECT_EQ(9, found.reports[2].next_offset);
    EXPECT_EQ(9, found.summary.record_count);
    EXPECT_EQ(log_->size().byte_count, found.summary.byte_count);
    EXPECT_EQ(0, found.summary.damaged_segment_count);
  }
}

TEST_F(LogVerifierTest, EveryFlippedByteOfAClosedSegmentIsFoundWithItsOffsets) {
  const size_t size = files_.Content(Path(0)).size();
  const size_t second = files_.Content(Path(0)).rfind("EVBT");
  for (size_t position = 0; position < size; ++position) {
    Flip(Path(0), position);
    const Found found = Verify(log_->stored_segments());
    Flip(Path(0), position);
    ASSERT_TRUE(found.reports[0].damaged()) << position;
    ASSERT_FALSE(found.reports[1].damaged()) << position;
    EXPECT_EQ(1, found.summary.damaged_segment_count);
    if (position < kSegmentHeaderBytes) {
      EXPECT_EQ(0, found.summary.lost_record_count) << position;
      continue;
    }
    ASSERT_EQ(1u, found.reports[0].gaps.size()) << position;
    const Gap& gap = found.reports[0].gaps[0];
    EXPECT_EQ(gap.start_offset + 2, gap.next_offset);
    EXPECT_EQ(position < second ? 0 : 2, gap.start_offset);
    EXPECT_EQ(2, found.reports[0].record_count);
    EXPECT_EQ(2, found.summary.lost_record_count);
  }
}

TEST_F(LogVerifierTest, EveryFlippedByteOfTheIndexIsFound) {
  const size_t size = files_.Content(Path(0, kIndexSuffix)).size();
  for (size_t position = 0; position < size; ++position) {
    Flip(Path(0, kIndexSuffix), position);
    const Found found = Verify(log_->stored_segments());
    Flip(Path(0, kIndexSuffix), position);
    EXPECT_THAT(found.reports[0].problems, ElementsAre(HasSubstr("index"))) << position;
    EXPECT_THAT(found.reports[0].gaps, IsEmpty());
  }
}

TEST_F(LogVerifierTest, AnIndexThatSaysOtherThingsIsFound) {
  const BatchSeal seal{ReadSegmentHeader(**files_.Open(Path(0), OpenMode::kRead), "file")->salt, 0};
  SegmentIndex index(1);
  BatchHeader header;
  header.count = 2;
  index.Add(header, kSegmentHeaderBytes);
  header.base_offset = 1;
  const int64_t size = *files_.FileSize(Path(0));
  index.Add(header, size - 1);
  const SegmentExtent extent{size, 4, 4, absl::FromUnixSeconds(1'000'002)};
  files_.SetContent(Path(0, kIndexSuffix), index.Encode(seal, extent));
  EXPECT_THAT(VerifyFolder().reports[0].problems, ElementsAre(HasSubstr("other things")));
  files_.SetContent(Path(0, kIndexSuffix), index.Encode(seal, {size + 1, 4, 4, absl::UnixEpoch()}));
  EXPECT_THAT(VerifyFolder().reports[0].problems, ElementsAre(HasSubstr("bytes")));
  files_.SetContent(Path(0, kIndexSuffix), index.Encode({seal.salt, 4}, extent));
  EXPECT_THAT(VerifyFolder().reports[0].problems, ElementsAre(HasSubstr("of another segment")));
}

TEST_F(LogVerifierTest, AMissingSegmentIsAGapBeforeTheNext) {
  ASSERT_THAT(files_.Remove(Path(4)), IsOk());
  const Found found = VerifyFolder();
  ASSERT_EQ(2u, found.reports.size());
  ASSERT_EQ(1u, found.reports[0].gaps.size());
  EXPECT_EQ(4, found.reports[0].gaps[0].start_offset);
  EXPECT_EQ(6, found.reports[0].gaps[0].next_offset);
  EXPECT_EQ(2, found.summary.lost_record_count);
}

TEST_F(LogVerifierTest, AMissingFileOfARunningLogIsDamageUnlessItWasTrimmed) {
  const std::vector<StoredSegment> segments = log_->stored_segments();
  ASSERT_THAT(files_.Remove(Path(0)), IsOk());
  int64_t start_offset = 0;
  LogVerifierOptions options;
  options.start_offset = [&] { return start_offset; };
  const Found lost = Verify(segments, options);
  ASSERT_EQ(3u, lost.reports.size());
  EXPECT_EQ(4, lost.summary.lost_record_count);
  start_offset = 4;
  const Found trimmed = Verify(segments, options);
  EXPECT_EQ(2u, trimmed.reports.size());
  EXPECT_EQ(0, trimmed.summary.damaged_segment_count);
}

TEST_F(LogVerifierTest, ALogThatBeginsTooLateHasAGap) {
  ASSERT_THAT(files_.Remove(Path(0)), IsOk());
  LogVerifierOptions options;
  options.start_offset = [] { return 1; };
  const Found found = Verify(*FindStoredSegments(files_, kLogDirectory), options);
  ASSERT_EQ(1u, found.reports[0].gaps.size());
  EXPECT_EQ(1, found.reports[0].gaps[0].start_offset);
  EXPECT_EQ(4, found.reports[0].gaps[0].next_offset);
}

TEST_F(LogVerifierTest, OfARunningLogOnlyWhatIsPublishedIsLookedAt) {
  const int64_t published = log_->size().byte_count;
  EncodedBatch batch = NextBatch(*log_, 5);
  ASSERT_THAT(log_->Append({&batch, 1}), IsOk());
  const Found found = Verify(log_->stored_segments());
  EXPECT_EQ(published, found.summary.byte_count);
  EXPECT_EQ(9, found.summary.record_count);
  EXPECT_EQ(0, found.summary.damaged_segment_count);
}

TEST_F(LogVerifierTest, AZeroedEndOfTheActiveSegmentIsDamage) {
  std::string content = files_.Content(Path(6));
  const Found sound = Verify(log_->stored_segments());
  const size_t end = static_cast<size_t>(sound.reports[2].byte_count);
  content.replace(end - 10, 10, 10, '\0');
  files_.SetContent(Path(6), content);
  const Found found = Verify(log_->stored_segments());
  EXPECT_EQ(1, found.summary.lost_record_count);
  EXPECT_EQ(8, found.reports[2].gaps[0].start_offset);
}

TEST_F(LogVerifierTest, ATornTailOfAFolderIsNoDamage) {
  log_->Close();
  std::string content = files_.Content(Path(6));
  const auto end = static_cast<size_t>(Verify(log_->stored_segments()).reports[2].byte_count);
  content.replace(end, 70, std::string(70, 'x'));
  files_.SetContent(Path(6), content);
  const Found found = Verify(*FindStoredSegments(files_, kLogDirectory));
  EXPECT_EQ(0, found.summary.damaged_segment_count);
  EXPECT_EQ(70, found.reports[2].torn_bytes);
  EXPECT_EQ(content, files_.Content(Path(6)));
}

TEST_F(LogVerifierTest, ASegmentOfAnotherLogIsFound) {
  FakeFileSystem others;
  {
    const auto other = OpenLog(others);
    ASSERT_THAT(Commit(*other->log, 4), IsOk());
    ASSERT_THAT(other->log->Roll("state"), IsOk());
  }
  files_.SetContent(Path(0), others.Content(Path(0)));
  const Found found = VerifyFolder();
  EXPECT_THAT(found.reports[0].problems, testing::Contains(HasSubstr("another log")));
  EXPECT_EQ(4, found.summary.lost_record_count);
}

TEST_F(LogVerifierTest, ItEndsWhenItIsCancelled) {
  int asked = 0;
  LogVerifierOptions options;
  options.cancelled = [&] { return ++asked > 2; };
  LogVerifier verifier(log_->stored_segments(), options);
  EXPECT_THAT(verifier.Next(), StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(LogVerifierTest, AFolderWithoutAWholeHeaderIsReported) {
  for (const int64_t base : {0, 4, 6}) Flip(Path(base), 20);
  const Found found = VerifyFolder();
  EXPECT_EQ(3, found.summary.damaged_segment_count);
  EXPECT_EQ(0, found.summary.record_count);
}

TEST(LogVerifierBoundsTest, AReportIsBounded) {
  FakeFileSystem files;
  auto opened = OpenLog(files, {16 * 1024 * 1024, 200});
  for (int i = 0; i < 2500; ++i) ASSERT_THAT(Commit(*opened->log, 1), IsOk());
  ASSERT_THAT(opened->log->Roll("state"), IsOk());
  std::string content = files.Content(Path(0));
  // Every second batch: its magic goes.
  size_t at = 0;
  for (int number = 0; (at = content.find("EVBT", at)) != std::string::npos; ++number, ++at) {
    if (number % 2 == 0) content[at] = 'X';
  }
  files.SetContent(Path(0), content);
  const Found found = Verify(opened->log->stored_segments());
  EXPECT_EQ(LogVerifier::kGapsMax, found.reports[0].gaps.size());
  EXPECT_EQ(LogVerifier::kProblemsMax + 1, found.reports[0].problems.size());
  EXPECT_EQ(1250, found.summary.lost_record_count);
  EXPECT_EQ(1250, found.summary.record_count);
  EXPECT_EQ(2499, found.reports[0].gaps.back().next_offset);
}

TEST_F(LogVerifierTest, ASegmentThatCouldNotBeCutWhenItWasClosedIsSound) {
  files_.SetContent(Path(4), files_.Content(Path(4)) + std::string(100, '\0'));
  // A reader makes an index of the whole file.
  EXPECT_THAT(log_->Read({4, Direction::kForward, 1, 1 << 20}), IsOk());
  const Found found = Verify(log_->stored_segments());
  EXPECT_EQ(0, found.summary.damaged_segment_count);
  EXPECT_THAT(found.reports[1].problems, testing::IsEmpty());
}

TEST_F(LogVerifierTest, TheLastSegmentMayBeTrimmedMeanwhile) {
  const auto segments = log_->stored_segments();
  EXPECT_THAT(log_->Roll("state"), IsOk());
  EXPECT_THAT(Commit(*log_, 2), IsOk());
  log_->Trim(10);
  LogVerifierOptions options;
  options.start_offset = [&] { return log_->size().bounds.start_offset; };
  const Found found = Verify(segments, options);
  for (const auto& report : found.reports) EXPECT_FALSE(report.damaged()) << report.file << " " << report.problems[0];
  EXPECT_EQ(0, found.summary.damaged_segment_count);
}

TEST_F(LogVerifierTest, TheLastSegmentMayBeTrimmedByARollMeanwhile) {
  const auto segments = log_->stored_segments();
  log_->Trim(9);
  EXPECT_THAT(log_->Roll("state"), IsOk());
  LogVerifierOptions options;
  options.start_offset = [&] { return log_->size().bounds.start_offset; };
  const Found found = Verify(segments, options);
  for (const auto& report : found.reports) EXPECT_FALSE(report.damaged()) << report.file << " " << report.problems[0];
  EXPECT_EQ(0, found.summary.damaged_segment_count);
}

TEST_F(LogVerifierTest, APageKeepsNoRoomForWhatLiesBeforeIt) {
  FakeFileSystem files;
  SegmentedLogOptions options;
  RecoveryVisitor visitor{[](absl::string_view) { return absl::OkStatus(); },
                          [](const BatchHeader&, absl::string_view) { return absl::OkStatus(); }};
  auto log = SegmentedLog::Open(files, "/cap", options, visitor, "");
  ASSERT_THAT(log, IsOk());
  for (int i = 0; i < 300; ++i) ASSERT_THAT(Commit(**log, 1), IsOk());
  const auto page = (*log)->Read({299});
  ASSERT_THAT(page, IsOk());
  EXPECT_EQ(1, page->record_count());
  EXPECT_LT(page->wire.capacity(), 1024u) << page->wire.size();
}

TEST_F(LogVerifierTest, ARollDoesNotCountWhatIsDamaged) {
  FakeFileSystem files;
  {
    auto log = std::move(OpenLog(files)->log);
    for (int i = 0; i < 5; ++i) ASSERT_THAT(Commit(*log, 2), IsOk());
    log->Close();
  }
  std::string content = files.Content(Path(0));
  size_t at = content.find("EVBT");
  at = content.find("EVBT", at + 1);
  content[at + 70] ^= 1;
  files.SetContent(Path(0), content);
  auto log = std::move(OpenLog(files)->log);
  EXPECT_EQ(8, log->size().record_count);
  EXPECT_THAT(log->Roll("state"), IsOk());
  EXPECT_EQ(8, log->size().record_count) << "a roll appends nothing";
}

}  // namespace
}  // namespace eventlog
