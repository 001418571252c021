// Reading, sizes, times, and being told of the head.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/eventlog-svc/engine/engine_suite.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<int64_t> Offsets(const RecordPage& page) {
  std::vector<int64_t> offsets;
  for (const StoredEvent& event : Parse(page)) offsets.push_back(event.offset);
  return offsets;
}

TEST_P(EngineTest, TheDefaultLogIsFoundByNameAndWithoutOneAndNoOtherIs) {
  EXPECT_THAT(engine_->FindLog("events"), IsOkAndHolds(testing::Pointer(&log())));
  EXPECT_THAT(engine_->logs(), ElementsAre(testing::Pointer(&log())));
  EXPECT_EQ(log().name(), "events");
  EXPECT_THAT(engine_->FindLog("other"), AllOf(StatusIs(absl::StatusCode::kNotFound), HasReason("LOG_NOT_FOUND")));
}

TEST_P(EngineTest, TheEpochIsSixteenHexadecimalDigits) {
  EXPECT_THAT(log().epoch(), testing::MatchesRegex("[0-9a-f]+"));
  EXPECT_EQ(log().epoch().size(), 16u);
}

TEST_P(EngineTest, AnEmptyLogHasNoRecordsAndIsReadAtItsEnd) {
  EXPECT_EQ(log().bounds().start_offset, 0);
  EXPECT_EQ(log().bounds().head_offset, 0);
  EXPECT_EQ(log().size().record_count, 0);
  EXPECT_FALSE(log().size().oldest_append_time.has_value());
  for (const Direction direction : {Direction::kForward, Direction::kBackward}) {
    const absl::StatusOr<RecordPage> page = Read(0, direction);
    ASSERT_THAT(page, IsOk());
    EXPECT_TRUE(page->empty());
    EXPECT_FALSE(page->gap.has_value());
    EXPECT_EQ(page->next_offset, 0);
  }
  EXPECT_THAT(log().OffsetAt(absl::Now()), IsOkAndHolds(0));
}

TEST_P(EngineTest, AStartOutsideOfTheLogIsRefused) {
  ASSERT_THAT(Append(log(), MakeBatch({"a"})), IsOk());
  for (const Direction direction : {Direction::kForward, Direction::kBackward}) {
    for (const int64_t from : {-1, 2}) {
      EXPECT_THAT(Read(from, direction),
                  AllOf(StatusIs(absl::StatusCode::kOutOfRange), HasReason("OFFSET_OUT_OF_RANGE")));
    }
  }
}

TEST_P(EngineTest, AForwardPageEndsAtItsLimitsInTheMiddleOfABatch) {
  ASSERT_THAT(Append(log(), MakeBatch({"a", "b", "c", "d"})), IsOk());
  ASSERT_THAT(Append(log(), MakeBatch({"e"})), IsOk());
  absl::StatusOr<RecordPage> page = Read(1, Direction::kForward, 2);
  ASSERT_THAT(page, IsOk());
  EXPECT_THAT(Offsets(*page), ElementsAre(1, 2));
  EXPECT_EQ(page->next_offset, 3);
  page = Read(3);
  ASSERT_THAT(page, IsOk());
  EXPECT_THAT(Offsets(*page), ElementsAre(3, 4));
  EXPECT_EQ(page->next_offset, 5);
}

TEST_P(EngineTest, ABackwardPageHoldsTheLastRecordsInAscendingOrder) {
  ASSERT_THAT(Append(log(), MakeBatch({"a", "b", "c", "d"})), IsOk());
  absl::StatusOr<RecordPage> page = Read(3, Direction::kBackward, 2);
  ASSERT_THAT(page, IsOk());
  EXPECT_THAT(Offsets(*page), ElementsAre(1, 2));
  EXPECT_EQ(page->next_offset, 1);
  page = Read(1, Direction::kBackward, 2);
  ASSERT_THAT(page, IsOk());
  EXPECT_THAT(Offsets(*page), ElementsAre(0));
  EXPECT_EQ(page->next_offset, 0);
}

TEST_P(EngineTest, ARecordLargerThanThePageIsReturnedAlone) {
  ASSERT_THAT(Append(log(), MakeBatch({"a", std::string(5000, 'x'), "c"})), IsOk());
  for (const Direction direction : {Direction::kForward, Direction::kBackward}) {
    const bool forward = direction == Direction::kForward;
    const absl::StatusOr<RecordPage> page = Read(forward ? 1 : 2, direction, 1000, 100);
    ASSERT_THAT(page, IsOk());
    EXPECT_THAT(Offsets(*page), ElementsAre(1));
    EXPECT_EQ(page->next_offset, forward ? 2 : 1);
  }
}

TEST_P(EngineTest, BytesOfAPageStayBelowTheLimit) {
  for (int i = 0; i < 50; ++i) ASSERT_THAT(Append(log(), MakeBatch({std::string(100, 'x')})), IsOk());
  for (const Direction direction : {Direction::kForward, Direction::kBackward}) {
    const bool forward = direction == Direction::kForward;
    const absl::StatusOr<RecordPage> page = Read(forward ? 0 : 50, direction, 1000, 1000);
    ASSERT_THAT(page, IsOk());
    EXPECT_LE(page->wire.size(), 1000u);
    EXPECT_FALSE(page->empty());
  }
}

TEST_P(EngineTest, BothDirectionsGiveTheSameRecordsOverManySegments) {
  for (int i = 0; i < 300; ++i) {
    std::vector<std::string> texts;
    for (int k = 0; k <= i % 4; ++k) texts.push_back(absl::StrCat(i, ".", k, std::string(50, 'x')));
    ASSERT_THAT(Append(log(), MakeBatch(texts)), IsOk());
  }
  const std::vector<StoredEvent> forward = ReadAll(log()), backward = ReadAll(log(), Direction::kBackward);
  ASSERT_EQ(static_cast<int64_t>(forward.size()), log().bounds().head_offset);
  ASSERT_EQ(forward.size(), backward.size());
  for (size_t i = 0; i < forward.size(); ++i) {
    EXPECT_EQ(forward[i].offset, static_cast<int64_t>(i));
    EXPECT_EQ(backward[i].offset, forward[i].offset);
    EXPECT_EQ(backward[i].text, forward[i].text);
  }
}

TEST_P(EngineTest, SizeCountsRecordsBytesAndTimes) {
  const absl::Time first = absl::FromUnixSeconds(1'700'000'000), second = first + absl::Minutes(1);
  ASSERT_THAT(Append(log(), MakeBatch({"a", "b"})), IsOk());
  const int64_t bytes = log().size().byte_count;
  clock_.Set(second);
  ASSERT_THAT(Append(log(), MakeBatch({"c"})), IsOk());
  const LogSize size = log().size();
  EXPECT_EQ(size.record_count, 3);
  EXPECT_EQ(size.bounds.head_offset, 3);
  EXPECT_GT(size.byte_count, bytes);
  EXPECT_EQ(size.oldest_append_time, first);
  EXPECT_EQ(size.newest_append_time, second);
}

TEST_P(EngineTest, OffsetAtIsTheFirstRecordNotBeforeTheTime) {
  const absl::Time begin = absl::FromUnixSeconds(1'700'000'000);
  for (int i = 0; i < 200; ++i) {
    clock_.Set(begin + absl::Seconds(i));
    ASSERT_THAT(Append(log(), MakeBatch({std::string(60, 'x'), "b"})), IsOk());
  }
  EXPECT_THAT(log().OffsetAt(absl::UnixEpoch()), IsOkAndHolds(0));
  EXPECT_THAT(log().OffsetAt(begin), IsOkAndHolds(0));
  EXPECT_THAT(log().OffsetAt(begin + absl::Seconds(150)), IsOkAndHolds(300));
  EXPECT_THAT(log().OffsetAt(begin + absl::Seconds(150) + absl::Nanoseconds(1)), IsOkAndHolds(302));
  EXPECT_THAT(log().OffsetAt(begin + absl::Seconds(200)), IsOkAndHolds(400));
}

// Notes the heads, and what a reader sees at that moment.
class Witness : public LogListener {
 public:
  explicit Witness(const Log& log) : log_(log) {}
  void OnLogChanged(const Log& log) override {
    absl::MutexLock lock(&mutex_);
    heads_.push_back(log.bounds().head_offset);
    readable_ = readable_ && &log == &log_ && log.Read({heads_.back() - 1}).ok();
  }
  std::vector<int64_t> heads() const {
    absl::MutexLock lock(&mutex_);
    return heads_;
  }
  bool readable() const {
    absl::MutexLock lock(&mutex_);
    return readable_;
  }

 private:
  const Log& log_;
  mutable absl::Mutex mutex_;
  std::vector<int64_t> heads_ ABSL_GUARDED_BY(mutex_);
  bool readable_ ABSL_GUARDED_BY(mutex_) = true;
};

TEST_P(EngineTest, ListenersHearOfEachNewHeadBeforeTheAnswer) {
  Witness witness(log());
  log().AddListener(&witness);
  ASSERT_THAT(Append(log(), MakeBatch({"a"})), IsOk());
  EXPECT_THAT(witness.heads(), ElementsAre(1));
  ASSERT_THAT(Append(log(), MakeBatch({"b", "c"})), IsOk());
  EXPECT_THAT(witness.heads(), ElementsAre(1, 3));
  EXPECT_TRUE(witness.readable());
  AppendBatch refused = MakeBatch({"d"});
  refused.expected_next_offset = 0;
  EXPECT_THAT(Append(log(), refused), testing::Not(IsOk()));
  EXPECT_THAT(witness.heads(), ElementsAre(1, 3));
  log().RemoveListener(&witness);
  ASSERT_THAT(Append(log(), MakeBatch({"e"})), IsOk());
  EXPECT_THAT(witness.heads(), ElementsAre(1, 3));
}

}  // namespace
}  // namespace eventlog
