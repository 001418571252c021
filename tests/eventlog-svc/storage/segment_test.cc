#include "eventlog-svc/storage/segment.h"

#include <memory>
#include <string>

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
    for (int i = 0; i < 10; ++i) ASSERT_THAT(Commit(*opened->log, 3), IsOk());
    ASSERT_THAT(opened->log->Roll("state"), IsOk());
    ASSERT_THAT(Commit(*opened->log, 1), IsOk());
  }
  std::string Path(absl::string_view suffix) const {
    return absl::StrCat(kLogDirectory, "/", SegmentFileName(0, suffix));
  }
  std::unique_ptr<Segment> Closed() { return std::make_unique<Segment>(files_, kLogDirectory, 0, 200); }

  FakeFileSystem files_;
};

TEST_F(SegmentTest, AClosedSegmentIsOpenedFromItsIndex) {
  const auto range = Closed()->RangeFrom(20);
  ASSERT_THAT(range, IsOk());
  EXPECT_EQ(30, range->next_offset);
  EXPECT_LE(range->offset, 20);
  EXPECT_GT(range->offset, 0);
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
    EXPECT_EQ(expected.position, range->position);
    EXPECT_EQ(expected.end_position, range->end_position);
    EXPECT_EQ(30, range->next_offset);
  }
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

TEST_F(SegmentTest, KnowsTheTimeOfItsFirstBatch) {
  EXPECT_THAT(Closed()->FirstAppendTime(), IsOkAndHolds(absl::FromUnixSeconds(1'000'000)));
}

}  // namespace
}  // namespace eventlog
