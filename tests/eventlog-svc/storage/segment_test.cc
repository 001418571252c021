#include "eventlog-svc/storage/segment.h"

#include <memory>
#include <string>
#include <vector>

#include "eventlog-svc/storage/open_segments.h"
#include "eventlog-svc/storage/segment_header.h"
#include "eventlog-svc/storage/segment_name.h"
#include "gtest/gtest.h"
#include "tests/eventlog-svc/storage/log_builder.h"

namespace eventlog {
namespace {

// A closed segment with 30 records behind an active one.
class SegmentTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = OpenLog(files_);
    ASSERT_THAT(opened, IsOk());
    const auto header = ReadSegmentHeader(**files_.Open(Path(kSegmentSuffix), OpenMode::kRead), "");
    ASSERT_THAT(header, IsOk());
    seal_ = {header->salt, 0};
    for (int i = 0; i < 10; ++i) ASSERT_THAT(Commit(*opened->log, 3), IsOk());
    ASSERT_THAT(opened->log->Roll("state"), IsOk());
    ASSERT_THAT(Commit(*opened->log, 1), IsOk());
  }
  std::string Path(absl::string_view suffix) const {
    return absl::StrCat(kLogDirectory, "/", SegmentFileName(0, suffix));
  }
  std::shared_ptr<Segment> Closed() {
    return std::make_shared<Segment>(SegmentPlace{files_, open_segments_, kLogDirectory, seal_}, 200);
  }

  FakeFileSystem files_;
  OpenSegments open_segments_{1};
  BatchSeal seal_;
};

TEST_F(SegmentTest, AClosedSegmentIsOpenedFromItsIndex) {
  const auto range = Closed()->RangeFrom(20);
  ASSERT_THAT(range, IsOk());
  EXPECT_EQ(30, range->next_offset);
  EXPECT_LE(range->scan.offset, 20);
  EXPECT_GT(range->scan.offset, 0);
}

TEST_F(SegmentTest, AMissingDamagedOrStaleIndexIsBuiltAnew) {
  const Segment::Range expected = *Closed()->RangeFrom(20);
  const std::string index = files_.Content(Path(kIndexSuffix));
  ASSERT_FALSE(index.empty());
  std::string damaged = index;
  damaged[50] ^= 1;
  for (const std::string& bytes : {std::string(), damaged, index.substr(0, 60)}) {
    files_.SetContent(Path(kIndexSuffix), bytes);
    const auto range = Closed()->RangeFrom(20);
    ASSERT_THAT(range, IsOk());
    EXPECT_EQ(expected.scan.position, range->scan.position);
    EXPECT_EQ(expected.scan.end, range->scan.end);
    EXPECT_EQ(30, range->next_offset);
  }
  // What was built is there for the next one.
  EXPECT_EQ(index, files_.Content(Path(kIndexSuffix)));
  // An index of a longer file: the segment lost its end behind its back.
  files_.SetContent(Path(kIndexSuffix), index);
  const std::string segment = files_.Content(Path(kSegmentSuffix));
  files_.SetContent(Path(kSegmentSuffix), segment.substr(0, segment.size() - 10));
  EXPECT_EQ(27, Closed()->RangeFrom(20)->next_offset);
}

TEST_F(SegmentTest, ADamagedHeaderCostsNoBatch) {
  std::string segment = files_.Content(Path(kSegmentSuffix));
  segment[20] ^= 1;
  files_.SetContent(Path(kSegmentSuffix), segment);
  const auto range = Closed()->RangeFrom(0);
  ASSERT_THAT(range, IsOk());
  EXPECT_EQ(30, range->next_offset);
}

TEST_F(SegmentTest, OnlySoManyStayOpenAndTheOthersAreOpenedAgain) {
  std::vector<std::shared_ptr<Segment>> segments;
  std::vector<std::weak_ptr<const File>> files;
  for (int i = 0; i < 5; ++i) {
    segments.push_back(Closed());
    files.push_back(segments.back()->RangeFrom(0)->file);
  }
  for (size_t i = 0; i < 5; ++i) EXPECT_EQ(i < 4, files[i].expired()) << i;
  EXPECT_EQ(30, segments[0]->RangeFrom(20)->next_offset);
}

TEST_F(SegmentTest, KnowsTheTimeOfItsFirstBatch) {
  EXPECT_THAT(Closed()->FirstAppendTime(), IsOkAndHolds(absl::FromUnixSeconds(1'000'000)));
}

}  // namespace
}  // namespace eventlog
