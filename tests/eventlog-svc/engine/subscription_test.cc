#include "eventlog-svc/engine/subscription.h"

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/engine/memory/memory_engine.h"
#include "eventlog-svc/storage/page_builder.h"
#include "eventlog-svc/storage/record_codec.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/eventlog/v1/event.pb.h"
#include "tests/support/log_driver.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr absl::Duration kHeartbeat = absl::Seconds(10);
const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

// A message in a few letters: "started 3", "batch 2 -> 5".
std::string Say(const absl::StatusOr<SubscriptionMessage>& message) {
  if (!message.ok()) return "error " + ErrorReason(message.status());
  if (std::get_if<NothingNow>(&*message)) return "nothing";
  if (std::get_if<StillScanning>(&*message)) return "scanning";
  if (auto* m = std::get_if<StartedMessage>(&*message)) return "started " + std::to_string(m->next_offset);
  if (auto* m = std::get_if<BatchMessage>(&*message)) {
    return "batch " + std::to_string(m->record_count) + " -> " + std::to_string(m->next_offset);
  }
  if (auto* m = std::get_if<CaughtUpMessage>(&*message)) return "caught up " + std::to_string(m->next_offset);
  if (auto* m = std::get_if<HeartbeatMessage>(&*message)) return "heartbeat " + std::to_string(m->next_offset);
  if (auto* m = std::get_if<EndedMessage>(&*message)) {
    const char* const why[] = {"end ", "cursor taken at ", "log deleted at "};
    return why[static_cast<int>(m->reason)] + std::to_string(m->next_offset);
  }
  const Gap& gap = std::get<GapMessage>(*message).gap;
  return "gap " + std::to_string(gap.start_offset) + " -> " + std::to_string(gap.next_offset);
}

std::vector<std::string> SayUntilNothing(Subscription& subscription, absl::Time now = kNow) {
  std::vector<std::string> said;
  for (int i = 0; i < 100; ++i) {
    said.push_back(Say(subscription.Next(now)));
    if (said.back() == "nothing" || said.back().rfind("e", 0) == 0) return said;
  }
  ADD_FAILURE() << "it does not come to rest";
  return said;
}

EventFilter NothingFilter() { return *EventFilter::Create({{"no.such"}, {}, {}, {}}); }

class SubscriptionTest : public testing::Test {
 protected:
  SubscriptionTest() {
    MemoryEngineOptions options;
    options.commit.clock = [this] { return clock_.Now(); };
    engine_ = NewMemoryEngine(std::move(options));
    log_ = engine_->logs().front().get();
  }
  void AppendEvents(int count) {
    for (int i = 0; i < count; ++i) ASSERT_THAT(Append(*log_, MakeBatch({"x"})), IsOk());
  }
  Subscription At(SubscriptionStart start, SubscriptionOptions options = {}) {
    options.start = start;
    options.heartbeat_interval = kHeartbeat;
    return Subscription(*log_, std::move(options));
  }
  std::string FirstSaid(SubscriptionStart start) { return Say(At(start).Next(kNow)); }

  GatedClock clock_{kNow};
  std::unique_ptr<LocalEngine> engine_;
  Log* log_;
};

TEST_F(SubscriptionTest, EveryStartIsResolved) {
  AppendEvents(3);
  clock_.Set(kNow + absl::Seconds(5));
  AppendEvents(2);
  EXPECT_EQ(FirstSaid(StartLatest{}), "started 5");
  EXPECT_EQ(FirstSaid(StartEarliest{}), "started 0");
  EXPECT_EQ(FirstSaid(StartAtOffset{2}), "started 2");
  EXPECT_EQ(FirstSaid(StartAtOffset{5}), "started 5");
  EXPECT_EQ(FirstSaid(StartAtOffset{6}), "error OFFSET_OUT_OF_RANGE");
  EXPECT_EQ(FirstSaid(StartAtTime{kNow + absl::Seconds(1)}), "started 3");
  EXPECT_EQ(FirstSaid(StartAtTime{kNow + absl::Seconds(6)}), "started 5");
  EXPECT_EQ(FirstSaid(StartAtTail{0}), "started 5");
  EXPECT_EQ(FirstSaid(StartAtTail{2}), "started 3");
  EXPECT_EQ(FirstSaid(StartAtTail{99}), "started 0");
}

TEST_F(SubscriptionTest, ItCatchesUpAgainEachTimeItWasGivenSomething) {
  AppendEvents(2);
  Subscription subscription = At(StartAtOffset{1});
  EXPECT_THAT(SayUntilNothing(subscription), ElementsAre("started 1", "batch 1 -> 2", "caught up 2", "nothing"));
  AppendEvents(3);
  EXPECT_THAT(SayUntilNothing(subscription), ElementsAre("batch 3 -> 5", "caught up 5", "nothing"));
  EXPECT_THAT(SayUntilNothing(subscription), ElementsAre("nothing"));
}

TEST_F(SubscriptionTest, WhatTheFilterHidesIsNotToldOf) {
  SubscriptionOptions options;
  options.filter = NothingFilter();
  Subscription subscription = At(StartLatest{}, options);
  EXPECT_THAT(SayUntilNothing(subscription), ElementsAre("started 0", "caught up 0", "nothing"));
  AppendEvents(3);
  EXPECT_THAT(SayUntilNothing(subscription), ElementsAre("nothing"));
  EXPECT_THAT(Say(subscription.Next(kNow + kHeartbeat)), "heartbeat 3");
}

TEST_F(SubscriptionTest, AHeartbeatComesWhenNothingWasSaidForItsInterval) {
  Subscription subscription = At(StartLatest{});
  SayUntilNothing(subscription);
  EXPECT_EQ(subscription.next_wake(), kNow + kHeartbeat);
  EXPECT_EQ(Say(subscription.Next(kNow + kHeartbeat - absl::Nanoseconds(1))), "nothing");
  EXPECT_EQ(Say(subscription.Next(kNow + kHeartbeat)), "heartbeat 0");
  EXPECT_EQ(Say(subscription.Next(kNow + kHeartbeat)), "nothing");
  EXPECT_EQ(subscription.next_wake(), kNow + 2 * kHeartbeat);
}

TEST_F(SubscriptionTest, FromATimeToComeNothingFromBeforeIsTold) {
  Subscription subscription = At(StartAtTime{kNow + absl::Seconds(5)});
  EXPECT_THAT(SayUntilNothing(subscription), ElementsAre("started 0", "caught up 0", "nothing"));
  AppendEvents(2);
  EXPECT_THAT(SayUntilNothing(subscription), ElementsAre("nothing"));
  AppendEvents(1);
  clock_.Set(kNow + absl::Seconds(5));
  AppendEvents(2);
  EXPECT_THAT(SayUntilNothing(subscription), ElementsAre("batch 2 -> 5", "caught up 5", "nothing"));
  AppendEvents(1);
  EXPECT_THAT(SayUntilNothing(subscription), ElementsAre("batch 1 -> 6", "caught up 6", "nothing"));
}

TEST_F(SubscriptionTest, ItEndsBeforeTheOffsetAskedFor) {
  AppendEvents(4);
  SubscriptionOptions options;
  options.until_offset = 3;
  Subscription subscription = At(StartAtOffset{1}, options);
  EXPECT_THAT(SayUntilNothing(subscription), ElementsAre("started 1", "batch 2 -> 3", "end 3"));
  Subscription behind = At(StartAtOffset{4}, options);
  EXPECT_THAT(SayUntilNothing(behind), ElementsAre("started 4", "caught up 4", "end 4"));
}

TEST_F(SubscriptionTest, AnOffsetToComeIsWaitedFor) {
  SubscriptionOptions options;
  options.until_offset = 2;
  Subscription subscription = At(StartLatest{}, options);
  EXPECT_THAT(SayUntilNothing(subscription), ElementsAre("started 0", "caught up 0", "nothing"));
  AppendEvents(3);
  EXPECT_THAT(SayUntilNothing(subscription), ElementsAre("batch 2 -> 2", "end 2"));
}

TEST_F(SubscriptionTest, TheHeadOfTheStartIsTheEndThoughTheLogGrows) {
  AppendEvents(2);
  SubscriptionOptions options;
  options.until_caught_up = true;
  Subscription subscription = At(StartEarliest{}, options);
  EXPECT_EQ(Say(subscription.Next(kNow)), "started 0");
  AppendEvents(2);
  EXPECT_THAT(SayUntilNothing(subscription), ElementsAre("batch 2 -> 2", "caught up 2", "end 2"));
}

TEST_F(SubscriptionTest, ItEndsBeforeTheTimeAskedFor) {
  AppendEvents(2);
  clock_.Set(kNow + absl::Seconds(5));
  AppendEvents(2);
  SubscriptionOptions options;
  options.until_time = kNow + absl::Seconds(5);
  Subscription subscription = At(StartEarliest{}, options);
  EXPECT_THAT(SayUntilNothing(subscription), ElementsAre("started 0", "batch 2 -> 2", "end 2"));
}

TEST_F(SubscriptionTest, ATimeThatHasPassedEndsItAfterAGraceForWhatIsBeingSynced) {
  AppendEvents(2);
  SubscriptionOptions options;
  options.until_time = kNow + absl::Seconds(5);
  Subscription subscription = At(StartEarliest{}, options);
  EXPECT_THAT(SayUntilNothing(subscription), ElementsAre("started 0", "batch 2 -> 2", "caught up 2", "nothing"));
  EXPECT_EQ(Say(subscription.Next(kNow + absl::Seconds(5))), "nothing");
  EXPECT_EQ(subscription.next_wake(), kNow + absl::Seconds(6));
  EXPECT_EQ(Say(subscription.Next(kNow + absl::Seconds(6))), "end 2");
}

// A log of a few pages, given one after the other.
class ScriptedLog : public Log {
 public:
  explicit ScriptedLog(LogBounds bounds, std::deque<RecordPage> pages) : bounds_(bounds), pages_(std::move(pages)) {}
  const std::string& name() const override { return name_; }
  const std::string& epoch() const override { return name_; }
  void Append(AppendBatch, AppendCallback) override {}
  absl::StatusOr<RecordPage> Read(const ReadOptions& options) const override {
    if (pages_.empty()) return absl::InternalError("no page is left");
    last_read = options;
    RecordPage page = pages_.front();
    pages_.pop_front();
    return page;
  }
  absl::StatusOr<int64_t> OffsetAt(absl::Time) const override { return 0; }
  LogBounds bounds() const override { return bounds_; }
  LogSize size() const override {
    LogSize size;
    size.bounds = bounds_;
    size.record_count = record_count;
    return size;
  }
  void Change(LogChange, ChangeCallback) override {}
  LogSettings settings() const override { return {}; }
  absl::StatusOr<Cursor> FindCursor(absl::string_view) const override { return absl::NotFoundError("none"); }
  std::vector<Cursor> cursors() const override { return {}; }
  int64_t StartForBytes(int64_t) const override { return bounds_.start_offset; }
  bool deleted() const override { return false; }
  void AddListener(LogListener*) override {}
  void RemoveListener(LogListener*) override {}

  int64_t record_count = 0;
  mutable ReadOptions last_read;

 private:
  const std::string name_ = "scripted";
  const LogBounds bounds_;
  mutable std::deque<RecordPage> pages_;
};

// Pages of the log, given out once each: a page that is read twice fails the subscription.
class SubscriptionPageTest : public SubscriptionTest {
 protected:
  ScriptedLog OncePaged(int64_t records_of_page) const {
    std::deque<RecordPage> pages;
    const LogBounds bounds = log_->bounds();
    for (int64_t from = 0; from < bounds.head_offset; from = pages.back().next_offset) {
      pages.push_back(*log_->Read({from, Direction::kForward, records_of_page}));
    }
    return ScriptedLog(bounds, std::move(pages));
  }
  static SubscriptionOptions FromEarliest() {
    SubscriptionOptions options;
    options.start = StartEarliest{};
    options.heartbeat_interval = kHeartbeat;
    return options;
  }
};

TEST_F(SubscriptionPageTest, APageIsReadOnceHoweverSmallTheMessages) {
  AppendEvents(5);
  SubscriptionOptions options = FromEarliest();
  options.records_max = 2;
  const ScriptedLog by_records = OncePaged(5);
  Subscription pairs(by_records, options);
  EXPECT_THAT(SayUntilNothing(pairs),
              ElementsAre("started 0", "batch 2 -> 2", "batch 2 -> 4", "batch 1 -> 5", "caught up 5", "nothing"));
  EXPECT_GE(by_records.last_read.records_max, 1000) << "the log would read its batches again for each message";
  options.records_max = 1000;
  options.bytes_max = 1;
  const ScriptedLog by_bytes = OncePaged(5);
  Subscription singles(by_bytes, options);
  EXPECT_THAT(SayUntilNothing(singles), ElementsAre("started 0", "batch 1 -> 1", "batch 1 -> 2", "batch 1 -> 3",
                                                    "batch 1 -> 4", "batch 1 -> 5", "caught up 5", "nothing"));
  EXPECT_GE(by_bytes.last_read.bytes_max, 256u * 1024);
}

TEST_F(SubscriptionPageTest, TheRestOfAPageIsHeldAgainstTheFilterAndTheEnd) {
  ASSERT_THAT(Append(*log_, MakeBatch({"a", "b", "c", "d", "e"})), IsOk());
  SubscriptionOptions options = FromEarliest();
  options.records_max = 2;
  options.until_offset = 3;
  const ScriptedLog to_three = OncePaged(5);
  Subscription ended(to_three, options);
  EXPECT_THAT(SayUntilNothing(ended), ElementsAre("started 0", "batch 2 -> 2", "batch 1 -> 3", "end 3"));
  options.until_offset.reset();
  options.filter = NothingFilter();
  const ScriptedLog hidden = OncePaged(2);
  Subscription filtered(hidden, options);
  EXPECT_THAT(SayUntilNothing(filtered), ElementsAre("started 0", "caught up 5", "nothing"));
}

TEST_F(SubscriptionPageTest, WhatIsAtHandIsSaidWithoutReading) {
  AppendEvents(5);
  SubscriptionOptions options = FromEarliest();
  options.records_max = 2;
  const ScriptedLog log = OncePaged(5);
  Subscription pairs(log, options);
  EXPECT_EQ(Say(pairs.Next(kNow)), "started 0");
  EXPECT_FALSE(pairs.HasNextAtHand());
  for (const std::string said : {"batch 2 -> 2", "batch 2 -> 4"}) {
    EXPECT_EQ(Say(pairs.Next(kNow)), said);
    EXPECT_TRUE(pairs.HasNextAtHand());
  }
  EXPECT_EQ(Say(pairs.Next(kNow)), "batch 1 -> 5");
  EXPECT_FALSE(pairs.HasNextAtHand());
  // The filter may hide the rest of the page: then the log is read on.
  options.filter = *EventFilter::Create({{"t", "test.*"}, {}, {}, {}});
  const ScriptedLog same = OncePaged(5);
  Subscription filtered(same, options);
  ASSERT_EQ(Say(filtered.Next(kNow)), "started 0");
  EXPECT_EQ(Say(filtered.Next(kNow)), "batch 2 -> 2");
  EXPECT_FALSE(filtered.HasNextAtHand());
}

TEST_F(SubscriptionPageTest, WhatLiesBetweenTheWantedIsLeftOut) {
  std::string run, wanted;
  for (int i = 0; i < 9; ++i) {
    const bool is_wanted = i == 0 || i == 1 || i == 4 || i >= 7;
    v1::Event event;
    event.set_type(is_wanted ? "wanted" : "other");
    AppendRecords({{event.SerializeAsString(), false}}, i, kNow, run);
    if (is_wanted) AppendRecords({{event.SerializeAsString(), false}}, i, kNow, wanted);
  }
  PageBuilder builder({0, Direction::kForward}, 0, 9);
  ASSERT_EQ(PageBuilder::Progress::kMore, builder.Add(run, 0, 9, kNow));
  const ScriptedLog log({0, 9}, {builder.Finish(9)});
  SubscriptionOptions options = FromEarliest();
  options.filter = *EventFilter::Create({{"wanted"}, {}, {}, {}});
  Subscription subscription(log, options);
  ASSERT_EQ(Say(subscription.Next(kNow)), "started 0");
  const auto message = subscription.Next(kNow);
  ASSERT_EQ(Say(message), "batch 5 -> 9");
  EXPECT_EQ(std::get<BatchMessage>(*message).records.view(), wanted);
}

TEST_F(SubscriptionPageTest, ALongScanGivesOthersTheirTurnAndMarksItsProgress) {
  AppendEvents(40);
  SubscriptionOptions options = FromEarliest();
  options.filter = NothingFilter();
  const ScriptedLog log = OncePaged(1);
  Subscription subscription(log, options);
  EXPECT_EQ(Say(subscription.Next(kNow)), "started 0");
  EXPECT_EQ(Say(subscription.Next(kNow)), "scanning");
  EXPECT_EQ(Say(subscription.Next(kNow + kHeartbeat)), "heartbeat 32");
  EXPECT_EQ(Say(subscription.Next(kNow + kHeartbeat)), "caught up 40");
}

RecordPage GapPage(int64_t start, int64_t next, GapReason reason) {
  RecordPage page;
  page.gap = Gap{start, next, reason};
  page.next_offset = next;
  return page;
}

TEST(SubscriptionGapTest, AGapIsReportedAndGoneBehind) {
  const ScriptedLog log({0, 9}, {GapPage(3, 9, GapReason::kCorrupt)});
  SubscriptionOptions options;
  options.start = StartAtOffset{3};
  Subscription subscription(log, options);
  EXPECT_THAT(SayUntilNothing(subscription), ElementsAre("started 3", "gap 3 -> 9", "caught up 9", "nothing"));
}

TEST(SubscriptionGapTest, AGapIsCutAtTheEndAskedFor) {
  const ScriptedLog log({0, 9}, {GapPage(3, 9, GapReason::kCorrupt)});
  SubscriptionOptions options;
  options.start = StartAtOffset{3};
  options.until_offset = 5;
  Subscription subscription(log, options);
  EXPECT_THAT(SayUntilNothing(subscription), ElementsAre("started 3", "gap 3 -> 5", "end 5"));
}

TEST(SubscriptionGapTest, AReaderWhoAskedForItFailsAtAGap) {
  const std::vector<std::pair<GapReason, absl::StatusCode>> kinds = {
      {GapReason::kCorrupt, absl::StatusCode::kDataLoss}, {GapReason::kTrimmed, absl::StatusCode::kOutOfRange}};
  for (const auto& [reason, code] : kinds) {
    const ScriptedLog log({0, 9}, {GapPage(3, 9, reason)});
    SubscriptionOptions options;
    options.start = StartAtOffset{3};
    options.fail_on_gap = true;
    Subscription subscription(log, options);
    EXPECT_EQ(Say(subscription.Next(kNow)), "started 3");
    EXPECT_THAT(subscription.Next(kNow), StatusIs(code, HasSubstr("[3, 9)")));
  }
}

TEST(SubscriptionGapTest, AFailedReadEndsIt) {
  const ScriptedLog log({0, 9}, {});
  SubscriptionOptions options;
  options.start = StartEarliest{};
  Subscription subscription(log, options);
  EXPECT_EQ(Say(subscription.Next(kNow)), "started 0");
  EXPECT_THAT(subscription.Next(kNow), StatusIs(absl::StatusCode::kInternal));
}

TEST(SubscriptionGapTest, TheTailOfALogWithGapsIsCountedNotComputed) {
  RecordPage two;
  two.runs = {{40, 1, kNow, 0, 0}, {80, 1, kNow, 0, 0}};
  two.next_offset = 40;
  ScriptedLog log({0, 100}, {two});
  log.record_count = 9;
  EXPECT_THAT(ResolveStart(log, StartAtTail{2}), IsOkAndHolds(40));
  EXPECT_EQ(log.last_read.direction, Direction::kBackward);
  EXPECT_EQ(log.last_read.from, 100);
  EXPECT_LE(log.last_read.bytes_max, 4u * 1024 * 1024) << "a long tail must not be read into memory at once";
}

}  // namespace
}  // namespace eventlog
