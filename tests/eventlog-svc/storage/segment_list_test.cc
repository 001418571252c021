#include "eventlog-svc/storage/segment_list.h"

#include <memory>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_file_system.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SegmentListTest : public testing::Test {
 protected:
  std::shared_ptr<Segment> At(int64_t base_offset) {
    return std::make_shared<Segment>(SegmentPlace{files_, open_, "/log", {0, base_offset}}, 100);
  }
  std::vector<int64_t> Bases() const {
    std::vector<int64_t> bases;
    for (const auto& segment : *list_.Get().segments) bases.push_back(segment->base_offset());
    return bases;
  }
  static BatchHeader Batch(uint32_t count, uint32_t length) {
    BatchHeader header;
    header.count = count;
    header.length = length;
    header.append_time = absl::FromUnixSeconds(count);
    return header;
  }

  FakeFileSystem files_;
  OpenSegments open_{4};
  SegmentList list_;
};

TEST_F(SegmentListTest, PublishCountsRecordsAndBytesAndMovesTheHead) {
  list_.AddActive(At(0), 56);
  list_.Publish({Batch(3, 100), Batch(0, 70), Batch(2, 90)}, 5);
  const LogSize size = list_.size();
  EXPECT_EQ(size.record_count, 5);
  EXPECT_EQ(size.byte_count, 56 + 260);
  EXPECT_EQ(size.bounds.head_offset, 5);
  EXPECT_EQ(size.oldest_append_time, absl::FromUnixSeconds(3));
  EXPECT_EQ(size.newest_append_time, absl::FromUnixSeconds(2)) << "a state batch is no record";
}

TEST_F(SegmentListTest, TrimNamesTheSegmentsThatAreNotNeeded) {
  list_.AddClosed(At(0), 1000);
  list_.AddClosed(At(10), 2000);
  list_.AddActive(At(20), 400);
  list_.SetContent({0, 25}, 25, absl::FromUnixSeconds(1), absl::FromUnixSeconds(2));
  EXPECT_THAT(list_.Trim(9, 5), IsEmpty());
  EXPECT_EQ(list_.size().record_count, 16);
  EXPECT_THAT(list_.Trim(10, 5), ElementsAre(0));
  EXPECT_EQ(list_.size().byte_count, 2400);
  EXPECT_THAT(list_.Trim(22, 5), ElementsAre(10));
  EXPECT_THAT(Bases(), ElementsAre(20));
  EXPECT_EQ(list_.size().record_count, 3);
  EXPECT_EQ(list_.size().bounds.start_offset, 22);
  EXPECT_THAT(list_.Trim(25, 5), IsEmpty());
  EXPECT_EQ(list_.size().newest_append_time, std::nullopt);
}

TEST_F(SegmentListTest, ReadersKeepTheSegmentsThatTheyHave) {
  list_.AddClosed(At(0), 1000);
  list_.AddActive(At(10), 400);
  list_.SetContent({0, 15}, 15, std::nullopt, std::nullopt);
  const SegmentList::Snapshot before = list_.Get();
  list_.Trim(12, 5);
  list_.CloseActive(500);
  list_.AddActive(At(15), 56);
  EXPECT_EQ(before.segments->size(), 2u);
  EXPECT_THAT(Bases(), ElementsAre(10, 15));
}

TEST_F(SegmentListTest, AnEmptyActiveSegmentIsReplaced) {
  list_.AddActive(At(0), 5000);
  list_.ReplaceActive(5000, At(0), 56);
  EXPECT_THAT(Bases(), ElementsAre(0));
  EXPECT_EQ(list_.size().byte_count, 56);
}

TEST_F(SegmentListTest, WhileTheActiveSegmentIsReplacedReadersFindOne) {
  list_.AddClosed(At(0), 1000);
  list_.AddActive(At(10), 56);
  std::thread writer([this] {
    for (int i = 0; i < 100'000; ++i) list_.ReplaceActive(56, At(10), 56);
  });
  for (int i = 0; i < 100'000; ++i) {
    const SegmentList::Snapshot seen = list_.Get();
    EXPECT_EQ(seen.segments->size(), 2u);
    EXPECT_EQ(seen.size.byte_count, 1056);
    if (HasFailure()) break;
  }
  writer.join();
}

TEST_F(SegmentListTest, TheStartForBytesLeavesWholeSegments) {
  list_.AddClosed(At(0), 1000);
  list_.AddClosed(At(10), 2000);
  list_.AddActive(At(20), 400);
  list_.SetContent({5, 25}, 20, std::nullopt, std::nullopt);
  EXPECT_EQ(list_.StartForBytes(3400), 5);
  EXPECT_EQ(list_.StartForBytes(3399), 10);
  EXPECT_EQ(list_.StartForBytes(1), 20) << "the active one stays";
}

}  // namespace
}  // namespace eventlog
