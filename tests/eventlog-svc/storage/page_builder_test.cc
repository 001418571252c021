#include "eventlog-svc/storage/page_builder.h"

#include <string>
#include <vector>

#include "eventlog-svc/storage/record_codec.h"
#include "eventlog-svc/storage/record_spans.h"
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
  ASSERT_EQ(1u, page.runs.size());
  EXPECT_EQ(2, page.runs[0].count);
  EXPECT_EQ(3, page.runs[0].base_offset);
  EXPECT_EQ(0u, page.runs[0].position);
  EXPECT_EQ(page.wire.size(), page.runs[0].size);
  EXPECT_EQ(5, page.next_offset);
  EXPECT_EQ(Records(3, 5), page.wire);
}

TEST(PageBuilderTest, EndsAtTheRecordLimitAndGoesOnThere) {
  PageBuilder builder(Limits(3, 1 << 20), 0, 100);
  EXPECT_EQ(PageBuilder::Progress::kFull, builder.Add(Records(0, 5), 0, 5, kTime));
  const RecordPage page = builder.Finish(builder.next());
  EXPECT_EQ(3, page.record_count());
  EXPECT_EQ(3, page.next_offset);
}

TEST(PageBuilderTest, TakesOneRecordHoweverLarge) {
  PageBuilder builder(Limits(100, 1), 0, 100);
  EXPECT_EQ(PageBuilder::Progress::kFull, builder.Add(Records(0, 5), 0, 5, kTime));
  EXPECT_EQ(1, builder.Finish(builder.next()).record_count());
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

TEST(PageBuilderTest, WholeAppendsAreTakenAsTheyAre) {
  const absl::Time later = kTime + absl::Seconds(1);
  PageBuilder builder(Limits(100, 1 << 20), 0, 100);
  EXPECT_EQ(PageBuilder::Progress::kMore, builder.Add(Records(0, 2), 0, 2, kTime));
  EXPECT_EQ(PageBuilder::Progress::kMore, builder.Add(Records(2, 5), 2, 5, later));
  const RecordPage page = builder.Finish(5);
  ASSERT_EQ(2u, page.runs.size());
  EXPECT_EQ(kTime, page.runs[0].append_time);
  EXPECT_EQ(later, page.runs[1].append_time);
  EXPECT_EQ(2, page.runs[1].base_offset);
  EXPECT_EQ(3, page.runs[1].count);
  EXPECT_EQ(page.runs[0].size, page.runs[1].position);
  EXPECT_EQ(Records(0, 2) + Records(2, 5), page.wire);
  EXPECT_EQ(5u, SpansOf(page).size());
}

TEST(PageBuilderTest, AnAppendThatDoesNotFitIsTakenInPartUnlessWholeOnesAreWanted) {
  for (const bool whole : {false, true}) {
    for (ReadOptions limits : {Limits(4, 1 << 20), Limits(100, Records(0, 4).size())}) {
      limits.whole_runs = whole;
      PageBuilder builder(limits, 0, 100);
      EXPECT_EQ(PageBuilder::Progress::kMore, builder.Add(Records(0, 3), 0, 3, kTime));
      EXPECT_EQ(PageBuilder::Progress::kFull, builder.Add(Records(3, 6), 3, 6, kTime));
      EXPECT_EQ(whole ? 3 : 4, builder.Finish(builder.next()).next_offset);
      // The first one is taken in part rather than not at all.
      PageBuilder first(limits, 0, 100);
      EXPECT_EQ(PageBuilder::Progress::kFull, first.Add(Records(0, 9), 0, 9, kTime));
      EXPECT_EQ(4, first.Finish(first.next()).next_offset);
    }
  }
}

TEST(PageBuilderTest, WhatEndsThePageIsKnownFromTheSizeOfTheNextAppend) {
  for (const bool whole : {false, true}) {
    for (const int64_t records_max : {1, 4, 7}) {
      for (const size_t bytes_max : {size_t{1}, Records(0, 5).size(), size_t{1} << 20}) {
        for (int64_t next = 4; next < 12; ++next) {
          ReadOptions limits = Limits(records_max, bytes_max);
          limits.whole_runs = whole;
          PageBuilder builder(limits, 0, 10);
          builder.Add(Records(0, 3), 0, 3, kTime);
          const int64_t begin = builder.next();
          ASSERT_FALSE(builder.empty());
          const bool ends = builder.EndsBefore(next - begin, Records(begin, next).size());
          const bool full = builder.full();
          const PageBuilder::Progress progress = builder.Add(Records(begin, next), begin, next, kTime);
          const bool took_nothing = progress == PageBuilder::Progress::kFull && builder.next() == begin;
          EXPECT_TRUE(took_nothing || !full);
          EXPECT_EQ(took_nothing, full || ends) << whole << " " << records_max << " " << bytes_max << " " << next;
          EXPECT_TRUE(whole || !ends) << "a part of it may fit";
          EXPECT_FALSE(builder.EndsBefore(0, size_t{1} << 30)) << "what a state batch holds is in no page";
        }
      }
    }
  }
  PageBuilder empty(Limits(1, 1), 0, 10);
  EXPECT_FALSE(empty.EndsBefore(5, 500)) << "its first record is taken, however large";
  EXPECT_FALSE(empty.full());
}

TEST(PageBuilderTest, OfAnAppendThatReachesIntoAnothersOffsetsOnlyWhatIsBeforeThemIsTaken) {
  PageBuilder builder(Limits(100, 1 << 20), 0, 100);
  EXPECT_EQ(PageBuilder::Progress::kMore, builder.Add(Records(0, 5), 0, 5, kTime, /*end=*/3));
  const RecordPage page = builder.Finish(builder.next());
  EXPECT_EQ(3, page.next_offset);
  EXPECT_EQ(3, page.record_count());
  EXPECT_EQ(Records(0, 3), page.wire);
}

TEST(PageBuilderTest, KeepTailKeepsTheNewestWithinTheLimits) {
  for (const int64_t kept : {1, 3, 5, 7, 10}) {
    ReadOptions all = Limits(100, 1 << 20);
    all.direction = Direction::kBackward;
    PageBuilder builder(all, 0, 100);
    builder.Add(Records(0, 5), 0, 5, kTime);
    builder.Add(Records(5, 10), 5, 10, kTime);
    RecordPage page = builder.Finish(10);
    KeepTail({10, Direction::kBackward, kept, 1 << 20}, page);
    EXPECT_EQ(kept, page.record_count());
    EXPECT_EQ(kept <= 5 ? 1u : 2u, page.runs.size());
    EXPECT_EQ(10 - kept, page.next_offset);
    EXPECT_EQ(Records(0, 10).substr(Records(0, 10 - kept).size()), page.wire);
    const std::vector<RecordSpan> spans = SpansOf(page);
    ASSERT_EQ(static_cast<size_t>(kept), spans.size());
    EXPECT_EQ(10 - kept, spans.front().offset);
    EXPECT_EQ(0u, spans.front().position);
    EXPECT_EQ(page.wire.size(), spans.back().position + spans.back().size);
  }
}

TEST(PageBuilderTest, OutsideOfTheLogIsRefusedByName) {
  EXPECT_THAT(CheckInBounds(-1, {0, 5}), HasReason("OFFSET_OUT_OF_RANGE"));
  EXPECT_THAT(CheckInBounds(6, {0, 5}), HasReason("OFFSET_OUT_OF_RANGE"));
  EXPECT_THAT(CheckInBounds(5, {0, 5}), IsOk());
  EXPECT_THAT(CheckInBounds(0, {3, 5}), IsOk());
}

// Whoever takes a part of an append looks at it record by record.
TEST(PageBuilderTest, ARunThatDoesNotHoldItsRecordsIsDamagedFromThere) {
  for (const std::string& run : {Records(0, 2), Records(0, 2) + "x", Records(0, 2) + Records(3, 4)}) {
    PageBuilder builder(Limits(100, 1 << 20), 1, 100);
    EXPECT_EQ(PageBuilder::Progress::kDamaged, builder.Add(run, 0, 3, kTime));
    EXPECT_EQ(1, builder.Finish(3).record_count());
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
