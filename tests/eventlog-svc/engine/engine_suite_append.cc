// Appending: order, refusals, producers, the queue, the end.

#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "tests/eventlog-svc/engine/engine_suite.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;

// The batch `number` of one event of producer "p".
AppendBatch Numbered(int64_t epoch, int64_t first_sequence, const std::vector<std::string>& texts) {
  return MakeBatch(texts, ProducerSequence{"p", epoch, first_sequence});
}

auto ResultIs(int64_t first_offset, int64_t next_offset, bool duplicate) {
  return IsOkAndHolds(AllOf(Field("first_offset", &AppendResult::first_offset, first_offset),
                            Field("next_offset", &AppendResult::next_offset, next_offset),
                            Field("duplicate", &AppendResult::duplicate, duplicate)));
}

TEST_P(EngineTest, OffsetsAreDenseFromZeroInTheOrderOfTheAppends) {
  EXPECT_THAT(Append(log(), MakeBatch({"a"})), ResultIs(0, 1, false));
  EXPECT_THAT(Append(log(), MakeBatch({"b", "c", "d"})), ResultIs(1, 4, false));
  EXPECT_THAT(Append(log(), MakeBatch({"e"})), ResultIs(4, 5, false));
  std::vector<std::string> texts;
  int64_t offset = 0;
  for (const StoredEvent& event : ReadAll(log())) {
    EXPECT_EQ(event.offset, offset++);
    texts.push_back(event.text);
  }
  EXPECT_THAT(texts, ElementsAre("a", "b", "c", "d", "e"));
}

TEST_P(EngineTest, TheReplyNamesTheDurabilityReachedAndTheTimeThatReadersSee) {
  const absl::StatusOr<AppendResult> result = Append(log(), MakeBatch({"a"}));
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->durability, GetParam().durability);
  EXPECT_EQ(engine_->capabilities().durability_max, GetParam().durability);
  EXPECT_EQ(ReadAll(log()).at(0).append_time, result->append_time);
}

TEST_P(EngineTest, AnEventWithoutATimeGetsTheAppendTime) {
  AppendBatch batch = MakeBatch({"without"});
  batch.events.Add(MakeEvent("with"), /*lacks_time=*/false);
  ASSERT_THAT(Append(log(), std::move(batch)), IsOk());
  const std::vector<StoredEvent> events = ReadAll(log());
  EXPECT_EQ(events.at(0).event_time, events.at(0).append_time);
  EXPECT_EQ(events.at(1).event_time, absl::UnixEpoch());
}

TEST_P(EngineTest, ABetterDurabilityThanTheEnginesIsRefused) {
  AppendBatch batch = MakeBatch({"a"});
  batch.durability = Durability::kReplicated;
  EXPECT_THAT(Append(log(), std::move(batch)),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), HasReason("DURABILITY_UNSUPPORTED")));
  EXPECT_EQ(log().bounds().head_offset, 0);
  AppendBatch weaker = MakeBatch({"a"});
  weaker.durability = Durability::kMemory;
  EXPECT_THAT(Append(log(), std::move(weaker)), ResultIs(0, 1, false));
}

TEST_P(EngineTest, AnEmptyBatchIsRefused) {
  EXPECT_THAT(Append(log(), AppendBatch()),
              AllOf(StatusIs(absl::StatusCode::kInvalidArgument), HasReason("EMPTY_APPEND")));
}

TEST_P(EngineTest, AppendTimesDoNotFallWhenTheClockDoes) {
  const absl::Time noon = absl::FromUnixSeconds(1'700'000'000);
  ASSERT_THAT(Append(log(), MakeBatch({"a"})), IsOk());
  clock_.Set(noon - absl::Hours(1));
  ASSERT_THAT(Append(log(), MakeBatch({"b"})), IsOk());
  clock_.Set(noon + absl::Seconds(1));
  ASSERT_THAT(Append(log(), MakeBatch({"c"})), IsOk());
  const std::vector<StoredEvent> events = ReadAll(log());
  EXPECT_EQ(events.at(0).append_time, noon);
  EXPECT_EQ(events.at(1).append_time, noon);
  EXPECT_EQ(events.at(2).append_time, noon + absl::Seconds(1));
}

TEST_P(EngineTest, AnExpectedOffsetThatIsNotTheHeadIsRefusedWithBoth) {
  AppendBatch first = MakeBatch({"a"});
  first.expected_next_offset = 0;
  EXPECT_THAT(Append(log(), first), ResultIs(0, 1, false));
  EXPECT_THAT(Append(log(), first),
              AllOf(StatusIs(absl::StatusCode::kAborted, "the next offset is 1, not 0"), HasReason("OFFSET_MISMATCH")));
  EXPECT_THAT(ReadTexts(log()), ElementsAre("a"));
}

TEST_P(EngineTest, OfTwoThatExpectTheSameOffsetInOneGroupTheFirstWins) {
  AppendBatch first = MakeBatch({"first"}), second = MakeBatch({"second"});
  first.expected_next_offset = second.expected_next_offset = 0;
  HeldGroup held(log(), clock_);
  const PendingAppend a = BeginAppend(log(), first), b = BeginAppend(log(), second);
  held.Release();
  EXPECT_THAT(a.Wait(), ResultIs(0, 1, false));
  EXPECT_THAT(b.Wait(), HasReason("OFFSET_MISMATCH"));
}

TEST_P(EngineTest, ARepeatedBatchGetsItsFirstOffsetsAndTime) {
  const absl::StatusOr<AppendResult> first = Append(log(), Numbered(1, 0, {"a", "b"}));
  ASSERT_THAT(Append(log(), Numbered(1, 2, {"c"})), ResultIs(2, 3, false));
  clock_.Set(absl::FromUnixSeconds(1'800'000'000));
  const absl::StatusOr<AppendResult> again = Append(log(), Numbered(1, 0, {"a", "b"}));
  EXPECT_THAT(again, ResultIs(0, 2, true));
  EXPECT_EQ(again->append_time, first->append_time);
  EXPECT_EQ(again->durability, GetParam().durability);
  EXPECT_THAT(ReadTexts(log()), ElementsAre("a", "b", "c"));
}

TEST_P(EngineTest, ARepeatIsAnsweredAlsoWhenItsExpectedOffsetHasPassed) {
  AppendBatch batch = Numbered(1, 0, {"a"});
  batch.expected_next_offset = 0;
  ASSERT_THAT(Append(log(), batch), ResultIs(0, 1, false));
  EXPECT_THAT(Append(log(), batch), ResultIs(0, 1, true));
}

TEST_P(EngineTest, ARepeatBehindItsOriginalInOneGroupIsNotStoredTwice) {
  HeldGroup held(log(), clock_);
  const PendingAppend first = BeginAppend(log(), Numbered(1, 0, {"a"}));
  const PendingAppend again = BeginAppend(log(), Numbered(1, 0, {"a"}));
  const PendingAppend next = BeginAppend(log(), Numbered(1, 1, {"b"}));
  EXPECT_FALSE(again.answered());
  held.Release();
  EXPECT_THAT(first.Wait(), ResultIs(0, 1, false));
  EXPECT_THAT(again.Wait(), ResultIs(0, 1, true));
  EXPECT_THAT(next.Wait(), ResultIs(1, 2, false));
  EXPECT_THAT(ReadTexts(log()), ElementsAre("a", "b"));
}

TEST_P(EngineTest, AnOlderEpochIsFenced) {
  ASSERT_THAT(Append(log(), Numbered(1, 0, {"a"})), IsOk());
  ASSERT_THAT(Append(log(), Numbered(2, 0, {"b"})), IsOk());
  EXPECT_THAT(Append(log(), Numbered(1, 1, {"late"})),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), HasReason("PRODUCER_FENCED")));
  EXPECT_THAT(ReadTexts(log()), ElementsAre("a", "b"));
}

TEST_P(EngineTest, AJumpInTheSequenceIsRefused) {
  ASSERT_THAT(Append(log(), Numbered(1, 0, {"a"})), IsOk());
  EXPECT_THAT(Append(log(), Numbered(1, 2, {"c"})),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), HasReason("SEQUENCE_GAP")));
  EXPECT_THAT(Append(log(), Numbered(1, 1, {"b"})), ResultIs(1, 2, false));
}

TEST_P(EngineTest, BehindARefusedAppendOfAStreamTheRestIsRefusedToo) {
  const auto order = std::make_shared<AppendOrder>();
  AppendBatch good = MakeBatch({"good"}), bad = MakeBatch({"bad"}), late = MakeBatch({"late"});
  bad.expected_next_offset = 99;
  good.order = bad.order = late.order = order;
  HeldGroup held(log(), clock_);
  const PendingAppend a = BeginAppend(log(), good), b = BeginAppend(log(), bad), c = BeginAppend(log(), late);
  const PendingAppend other = BeginAppend(log(), MakeBatch({"other"}));
  held.Release();
  EXPECT_THAT(a.Wait(), ResultIs(0, 1, false));
  EXPECT_THAT(b.Wait(), HasReason("OFFSET_MISMATCH"));
  EXPECT_THAT(c.Wait(), AllOf(StatusIs(absl::StatusCode::kAborted), HasReason("PRIOR_APPEND_FAILED")));
  EXPECT_THAT(other.Wait(), ResultIs(1, 2, false));
  EXPECT_THAT(Append(log(), late), HasReason("PRIOR_APPEND_FAILED"));
  EXPECT_THAT(ReadTexts(log()), ElementsAre("good", "other"));
}

TEST_P(EngineTest, AFullQueueRefusesByRecordsAndKeepsWhatItTook) {
  CommitLogOptions options;
  options.queue_records_max = 3;
  Make(options);
  const auto order = std::make_shared<AppendOrder>();
  AppendBatch before = MakeBatch({"c"}), refused = MakeBatch({"d"});
  before.order = refused.order = order;
  HeldGroup held(log(), clock_);
  const PendingAppend taken = BeginAppend(log(), MakeBatch({"a", "b"}));
  const PendingAppend taken_too = BeginAppend(log(), before);
  EXPECT_THAT(BeginAppend(log(), refused).Wait(),
              AllOf(StatusIs(absl::StatusCode::kResourceExhausted), HasReason("QUEUE_FULL")));
  held.Release();
  EXPECT_THAT(taken.Wait(), ResultIs(0, 2, false));
  EXPECT_THAT(taken_too.Wait(), ResultIs(2, 3, false));
  EXPECT_THAT(Append(log(), MakeBatch({"e"})), ResultIs(3, 4, false));
  EXPECT_THAT(Append(log(), refused), HasReason("PRIOR_APPEND_FAILED")) << "its stream went on behind a refused append";
}

TEST_P(EngineTest, AFullQueueRefusesByBytes) {
  CommitLogOptions options;
  options.queue_bytes_max = 4096;
  Make(options);
  HeldGroup held(log(), clock_);
  const PendingAppend taken = BeginAppend(log(), MakeBatch({std::string(3000, 'x')}));
  EXPECT_THAT(BeginAppend(log(), MakeBatch({std::string(3000, 'y')})).Wait(), HasReason("QUEUE_FULL"));
  held.Release();
  EXPECT_THAT(taken.Wait(), IsOk());
}

TEST_P(EngineTest, ABatchLargerThanTheQueueIsTakenWhenNothingWaits) {
  CommitLogOptions options;
  options.queue_bytes_max = 1024;
  Make(options);
  EXPECT_THAT(Append(log(), MakeBatch({std::string(3000, 'x')})), IsOk());
}

TEST_P(EngineTest, CloseAnswersAllThatWasTakenAndRefusesTheRest) {
  HeldGroup held(log(), clock_);
  std::vector<PendingAppend> taken;
  for (int i = 0; i < 100; ++i) taken.push_back(BeginAppend(log(), MakeBatch({absl::StrCat(i)})));
  std::thread closer([&] { engine_->Close(); });
  // Draining begins while the group is still held.
  int64_t raced = 0;
  PendingAppend refused;
  while (!refused.answered()) {
    refused = BeginAppend(log(), MakeBatch({"x"}));
    if (!refused.answered()) {
      ++raced;
    } else if (absl::IsResourceExhausted(refused.Wait().status())) {
      refused = PendingAppend();  // the closing thread comes late, and the queue is full meanwhile
    }
  }
  EXPECT_THAT(refused.Wait(), AllOf(StatusIs(absl::StatusCode::kUnavailable), HasReason("DRAINING")));
  held.Release();
  closer.join();
  for (int i = 0; i < 100; ++i) EXPECT_THAT(taken[static_cast<size_t>(i)].Wait(), ResultIs(i, i + 1, false));
  EXPECT_EQ(log().bounds().head_offset, 100 + raced);
  engine_->Close();
  EXPECT_THAT(Append(log(), MakeBatch({"x"})), HasReason("DRAINING"));
}

TEST_P(EngineTest, EightProducersAtOnceKeepEachTheirOrderAndLeaveNoHole) {
  constexpr int kProducers = 8, kBatches = 100, kEvents = 5;
  std::vector<std::thread> threads;
  for (int p = 0; p < kProducers; ++p) {
    threads.emplace_back([&, p] {
      std::vector<PendingAppend> pending;
      for (int b = 0; b < kBatches; ++b) {
        std::vector<std::string> texts;
        for (int e = 0; e < kEvents; ++e) texts.push_back(absl::StrCat(p, ":", b * kEvents + e));
        pending.push_back(BeginAppend(log(), MakeBatch(texts, {absl::StrCat("p", p), 1, b * kEvents})));
      }
      for (const PendingAppend& append : pending) EXPECT_THAT(append.Wait(), IsOk());
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<int> next(kProducers, 0);
  int64_t offset = 0;
  for (const StoredEvent& event : ReadAll(log())) {
    ASSERT_EQ(event.offset, offset++);
    const std::vector<std::string> parts = absl::StrSplit(event.text, ':');
    ASSERT_EQ(std::stoi(parts.at(1)), next.at(static_cast<size_t>(std::stoi(parts.at(0))))++);
  }
  EXPECT_EQ(offset, kProducers * kBatches * kEvents);
}

}  // namespace
}  // namespace eventlog
