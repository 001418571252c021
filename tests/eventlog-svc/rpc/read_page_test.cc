#include "eventlog-svc/rpc/read_page.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "eventlog-svc/engine/memory/memory_engine.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/eventlog-svc/rpc/watched_log.h"
#include "tests/support/log_driver.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

absl::Status Always() { return absl::OkStatus(); }

class ReadPageTest : public testing::Test {
 protected:
  void Fill(const std::vector<std::vector<std::string>>& batches, int64_t bytes_max = 1 << 30) {
    MemoryEngineOptions options;
    options.bytes_max = bytes_max;
    engine_ = NewMemoryEngine(std::move(options));
    log_ = engine_->logs().front().get();
    for (const auto& batch : batches) ASSERT_THAT(Append(*log_, MakeBatch(batch)), IsOk());
  }
  std::vector<std::string> Read(const ReadPlan& plan) {
    const auto page = ReadFilteredPage(*log_, plan, Always);
    EXPECT_THAT(page, IsOk());
    rest_ = page->rest;
    v1::ReadResponse parsed;
    EXPECT_TRUE(parsed.ParseFromString(page->records));
    std::vector<std::string> texts;
    for (const v1::Record& record : parsed.records()) texts.push_back(record.event().text());
    return texts;
  }
  static ReadPlan From(SubscriptionStart start, Direction direction, int64_t records_max = 1000) {
    ReadPlan plan;
    plan.start = start;
    plan.direction = direction;
    plan.records_max = records_max;
    return plan;
  }

  void FillThousands(int batches) {
    Fill(std::vector<std::vector<std::string>>(batches, std::vector<std::string>(1000, "x")));
  }
  // From one end of the log, at most one record, none of which passes the filter.
  static ReadPlan OneOfNothing(Direction direction = Direction::kForward) {
    ReadPlan plan;
    plan.direction = direction;
    if (direction == Direction::kForward) plan.start = StartEarliest{};
    plan.filter = *EventFilter::Create({{"no.such"}, {}, {}, {}});
    plan.records_max = 1;
    return plan;
  }
  // The page, and in `reads` how often the log was asked.
  FilteredPage Counted(const ReadPlan& plan, int& reads) {
    reads = 0;
    const WatchedLog watched(*log_, [&reads](const ReadOptions&) { ++reads; });
    const auto page = ReadFilteredPage(watched, plan, Always);
    EXPECT_THAT(page, IsOk());
    return *page;
  }

  std::unique_ptr<LocalEngine> engine_;
  Log* log_ = nullptr;
  v1::ReadResponse rest_;
};

TEST_F(ReadPageTest, RecordsComeInTheDirectionOfTheRead) {
  Fill({{"a", "b"}, {"c"}});
  EXPECT_THAT(Read(From(StartEarliest{}, Direction::kForward)), ElementsAre("a", "b", "c"));
  EXPECT_EQ(rest_.next_offset(), 3);
  EXPECT_TRUE(rest_.end_of_log());
  EXPECT_EQ(rest_.epoch(), log_->epoch());
  EXPECT_THAT(Read(From(StartLatest{}, Direction::kBackward)), ElementsAre("c", "b", "a"));
  EXPECT_EQ(rest_.next_offset(), 0);
  EXPECT_TRUE(rest_.end_of_log());
}

TEST_F(ReadPageTest, AFullPageSaysWhereToGoOn) {
  Fill({{"a", "b"}, {"c", "d"}});
  EXPECT_THAT(Read(From(StartEarliest{}, Direction::kForward, 3)), ElementsAre("a", "b", "c"));
  EXPECT_EQ(rest_.next_offset(), 3);
  EXPECT_FALSE(rest_.end_of_log());
  EXPECT_THAT(Read(From(StartLatest{}, Direction::kBackward, 3)), ElementsAre("d", "c", "b"));
  EXPECT_EQ(rest_.next_offset(), 1);
  EXPECT_FALSE(rest_.end_of_log());
}

TEST_F(ReadPageTest, ALimitOfBytesKeepsAtLeastOne) {
  Fill({{"a", "b"}});
  ReadPlan plan = From(StartEarliest{}, Direction::kForward);
  plan.bytes_max = 1;
  EXPECT_THAT(Read(plan), ElementsAre("a"));
  EXPECT_EQ(rest_.next_offset(), 1);
}

TEST_F(ReadPageTest, AFilterThatTakesNothingStillLeadsOnWithinABoundedScan) {
  Fill(std::vector<std::vector<std::string>>(40, {std::string(1'000'000, 'x')}));
  ReadPlan plan = From(StartEarliest{}, Direction::kForward);
  plan.filter = *EventFilter::Create({{"no.such"}, {}, {}, {}});
  EXPECT_THAT(Read(plan), IsEmpty());
  EXPECT_GT(rest_.next_offset(), 0);
  EXPECT_LT(rest_.next_offset(), 40) << "one call must not scan without end";
  EXPECT_FALSE(rest_.end_of_log());
  for (int pages = 0; pages < 10 && !rest_.end_of_log(); ++pages) {
    plan.start = StartAtOffset{rest_.next_offset()};
    EXPECT_THAT(Read(plan), IsEmpty());
  }
  EXPECT_EQ(rest_.next_offset(), 40);
  EXPECT_TRUE(rest_.end_of_log());
}

TEST_F(ReadPageTest, AScanTakesNoMoreStepsForFewRecordsThanForMany) {
  FillThousands(30);
  for (const Direction direction : {Direction::kForward, Direction::kBackward}) {
    int reads = 0;
    EXPECT_TRUE(Counted(OneOfNothing(direction), reads).rest.end_of_log());
    EXPECT_EQ(reads, 30) << "each read checks whole batches";
  }
}

TEST_F(ReadPageTest, AFullPageLooksForNothingMore) {
  FillThousands(3);
  ReadPlan plan = From(StartEarliest{}, Direction::kForward, 2);
  plan.filter = *EventFilter::Create({{"test.*"}, {}, {}, {}});
  int reads = 0;
  EXPECT_EQ(Counted(plan, reads).rest.next_offset(), 2);
  EXPECT_EQ(reads, 1);
  EXPECT_EQ(Counted(From(StartEarliest{}, Direction::kForward, 2), reads).rest.next_offset(), 2);
  EXPECT_EQ(reads, 1);
}

TEST_F(ReadPageTest, AScanIsBoundedInRecordsAsWell) {
  FillThousands(101);
  int reads = 0;
  EXPECT_EQ(Counted(OneOfNothing(), reads).rest.next_offset(), 100'000);
  EXPECT_EQ(reads, 100);
  const FilteredPage page = Counted(OneOfNothing(Direction::kBackward), reads);
  EXPECT_EQ(page.rest.next_offset(), 1000);
  EXPECT_FALSE(page.rest.end_of_log());
}

TEST_F(ReadPageTest, AScanThatNobodyWantsAnyMoreEnds) {
  FillThousands(5);
  int reads = 0;
  const WatchedLog watched(*log_, [&reads](const ReadOptions&) { ++reads; });
  const auto twice = [&reads] { return reads < 2 ? absl::OkStatus() : absl::CancelledError("gone"); };
  EXPECT_THAT(ReadFilteredPage(watched, OneOfNothing(), twice), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(reads, 2);
}

// Something is appended while a read looks for its start.
class GrowingLog : public WatchedLog {
 public:
  explicit GrowingLog(Log& log) : WatchedLog(log, [](const ReadOptions&) {}), log_(log) {}
  absl::StatusOr<int64_t> OffsetAt(absl::Time time) const override {
    const absl::StatusOr<int64_t> offset = log_.OffsetAt(time);
    EXPECT_THAT(eventlog::Append(log_, MakeBatch({"late"})), IsOk());
    return offset;
  }

 private:
  Log& log_;
};

TEST_F(ReadPageTest, FromATimeToComeNothingFromBeforeIsRead) {
  Fill({{"a"}});
  const GrowingLog growing(*log_);
  const auto to_come =
      ReadFilteredPage(growing, From(StartAtTime{absl::Now() + absl::Hours(1)}, Direction::kForward), Always);
  ASSERT_THAT(to_come, IsOk());
  EXPECT_THAT(to_come->records, IsEmpty());
  EXPECT_EQ(to_come->rest.next_offset(), 2);
  EXPECT_EQ(Read(From(StartAtTime{absl::UnixEpoch()}, Direction::kForward)).size(), 2u);
}

TEST_F(ReadPageTest, ATrimmedRangeIsAGapOrAnError) {
  Fill(std::vector<std::vector<std::string>>(10, {std::string(1000, 'x')}), /*bytes_max=*/5000);
  const int64_t start = log_->bounds().start_offset;
  ASSERT_GT(start, 0);
  ReadPlan plan = From(StartAtOffset{0}, Direction::kForward);
  EXPECT_EQ(Read(plan).size(), static_cast<size_t>(10 - start));
  ASSERT_EQ(rest_.gaps_size(), 1);
  EXPECT_EQ(rest_.gaps(0).start_offset(), 0);
  EXPECT_EQ(rest_.gaps(0).next_offset(), start);
  EXPECT_EQ(rest_.gaps(0).reason(), v1::GAP_REASON_TRIMMED);
  plan.fail_on_gap = true;
  EXPECT_THAT(ReadFilteredPage(*log_, plan, Always).status(), StatusIs(absl::StatusCode::kOutOfRange));
}

TEST_F(ReadPageTest, AStartBeyondTheHeadIsRefused) {
  Fill({{"a"}});
  EXPECT_THAT(ReadFilteredPage(*log_, From(StartAtOffset{2}, Direction::kForward), Always).status(),
              HasReason("OFFSET_OUT_OF_RANGE"));
}

}  // namespace
}  // namespace eventlog
