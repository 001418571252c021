#include "eventlog-svc/storage/page_builder.h"

#include <string>

#include "eventlog-svc/storage/record_codec.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

const absl::Time kTime = absl::FromUnixSeconds(1);

std::string Records(int64_t base_offset, int64_t next_offset) {
  EventList events;
  for (int64_t offset = base_offset; offset < next_offset; ++offset) events.Add("", /*lacks_time=*/false);
  std::string run;
  AppendRecords(events, base_offset, kTime, run);
  return run;
}

ReadOptions Limits(int64_t records_max, size_t bytes_max) { return {0, Direction::kForward, records_max, bytes_max}; }

TEST(PageBuilderTest, RoomIsMadeOnceForWhatIsExpectedAndFits) {
  const auto room = [](size_t bytes_max, size_t expected) {
    PageBuilder builder(Limits(100, bytes_max), 0, 100);
    builder.Expect(expected);
    builder.Add(Records(0, 5), 0, 5, kTime);
    return builder.Finish(5).wire.capacity();
  };
  EXPECT_GE(room(1 << 20, 100'000), 100'000u);
  EXPECT_LT(room(1 << 20, 100'000), 200'000u);
  EXPECT_LT(room(10'000, 100'000), 20'000u) << "the page cannot become larger";
  EXPECT_LT(room(1 << 30, 1 << 30), 1u << 20) << "a page that may be large is seldom";
}

TEST(PageBuilderTest, BeginsInTheMiddleOfABatch) {
  PageBuilder builder(Limits(100, 1 << 20), 3, 100);
  EXPECT_EQ(PageBuilder::Progress::kMore, builder.Add(Records(0, 5), 0, 5, kTime));
  const RecordPage page = builder.Finish(5);
  ASSERT_EQ(2u, page.records.size());
  EXPECT_EQ(3, page.records[0].offset);
  EXPECT_EQ(0u, page.records[0].position);
  EXPECT_EQ(5, page.next_offset);
  EXPECT_EQ(Records(3, 5), page.wire);
}

TEST(PageBuilderTest, EndsAtTheRecordLimitAndGoesOnThere) {
  PageBuilder builder(Limits(3, 1 << 20), 0, 100);
  EXPECT_EQ(PageBuilder::Progress::kFull, builder.Add(Records(0, 5), 0, 5, kTime));
  const RecordPage page = builder.Finish(builder.next());
  EXPECT_EQ(3u, page.records.size());
  EXPECT_EQ(3, page.next_offset);
}

TEST(PageBuilderTest, TakesOneRecordHoweverLarge) {
  PageBuilder builder(Limits(100, 1), 0, 100);
  EXPECT_EQ(PageBuilder::Progress::kFull, builder.Add(Records(0, 5), 0, 5, kTime));
  EXPECT_EQ(1u, builder.Finish(builder.next()).records.size());
}

TEST(PageBuilderTest, NeverGivesWhatIsNotPublished) {
  PageBuilder builder(Limits(100, 1 << 20), 0, 2);
  EXPECT_EQ(PageBuilder::Progress::kFull, builder.Add(Records(0, 5), 0, 5, kTime));
  EXPECT_EQ(2, builder.Finish(builder.next()).next_offset);
}

TEST(PageBuilderTest, AHoleBeforeAnyRecordIsAGap) {
  PageBuilder builder(Limits(100, 1 << 20), 0, 100);
  EXPECT_EQ(PageBuilder::Progress::kFull, builder.Add(Records(3, 5), 3, 5, kTime));
  const RecordPage page = builder.Finish(builder.next());
  ASSERT_TRUE(page.gap.has_value());
  EXPECT_EQ(0, page.gap->start_offset);
  EXPECT_EQ(3, page.gap->next_offset);
  EXPECT_EQ(3, page.next_offset);
}

TEST(PageBuilderTest, AHoleBehindRecordsEndsThePageBeforeIt) {
  PageBuilder builder(Limits(100, 1 << 20), 0, 100);
  EXPECT_EQ(PageBuilder::Progress::kMore, builder.Add(Records(0, 2), 0, 2, kTime));
  EXPECT_EQ(PageBuilder::Progress::kFull, builder.Add(Records(3, 5), 3, 5, kTime));
  const RecordPage page = builder.Finish(builder.next());
  EXPECT_FALSE(page.gap.has_value());
  EXPECT_EQ(2, page.next_offset);
}

TEST(PageBuilderTest, MissingBatchesAtTheEndAreAGap) {
  PageBuilder builder(Limits(100, 1 << 20), 4, 9);
  const RecordPage page = builder.Finish(9);
  ASSERT_TRUE(page.gap.has_value());
  EXPECT_EQ(4, page.gap->start_offset);
  EXPECT_EQ(9, page.gap->next_offset);
}

TEST(PageBuilderTest, KeepTailKeepsTheNewestWithinTheLimits) {
  PageBuilder builder(Limits(100, 1 << 20), 0, 100);
  builder.Add(Records(0, 10), 0, 10, kTime);
  RecordPage page = builder.Finish(10);
  KeepTail({10, Direction::kBackward, 3, 1 << 20}, page);
  ASSERT_EQ(3u, page.records.size());
  EXPECT_EQ(7, page.records.front().offset);
  EXPECT_EQ(7, page.next_offset);
  EXPECT_EQ(Records(7, 10), page.wire);
  EXPECT_EQ(0u, page.records.front().position);
}

TEST(PageBuilderTest, OutsideOfTheLogIsRefusedByName) {
  EXPECT_THAT(CheckInBounds(-1, {0, 5}), HasReason("OFFSET_OUT_OF_RANGE"));
  EXPECT_THAT(CheckInBounds(6, {0, 5}), HasReason("OFFSET_OUT_OF_RANGE"));
  EXPECT_THAT(CheckInBounds(5, {0, 5}), IsOk());
  EXPECT_THAT(CheckInBounds(0, {3, 5}), IsOk());
}

TEST(PageBuilderTest, ARunThatDoesNotHoldItsRecordsIsDamagedFromThere) {
  for (const std::string& run : {Records(0, 2), Records(0, 2) + "x", Records(0, 2) + Records(3, 4)}) {
    PageBuilder builder(Limits(100, 1 << 20), 0, 100);
    EXPECT_EQ(PageBuilder::Progress::kDamaged, builder.Add(run, 0, 3, kTime));
    EXPECT_EQ(2u, builder.Finish(3).records.size());
    PageBuilder behind(Limits(100, 1 << 20), 2, 100);
    EXPECT_EQ(PageBuilder::Progress::kDamaged, behind.Add(run, 0, 3, kTime));
    const RecordPage page = behind.Finish(3);
    ASSERT_TRUE(page.gap.has_value());
    EXPECT_EQ(2, page.gap->start_offset);
    EXPECT_EQ(3, page.next_offset);
  }
}

}  // namespace
}  // namespace eventlog
