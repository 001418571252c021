#include "eventlog-svc/engine/log_state.h"

#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::Field;

constexpr LogBounds kBounds{0, 100};
const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

LogSettings SomeSettings() {
  LogSettings settings;
  settings.age_max = absl::Hours(2);
  settings.bytes_max = 1;
  settings.records_max = 2;
  settings.keep_for_cursors = true;
  settings.event_bytes_max = 3;
  settings.batch_bytes_max = 4;
  settings.default_durability = Durability::kMemory;
  settings.create_time = kNow;
  return settings;
}

void ExpectSomeSettings(const LogSettings& settings) {
  EXPECT_EQ(settings.age_max, absl::Hours(2));
  EXPECT_EQ(settings.bytes_max, 1);
  EXPECT_EQ(settings.records_max, 2);
  EXPECT_TRUE(settings.keep_for_cursors);
  EXPECT_EQ(settings.event_bytes_max, 3);
  EXPECT_EQ(settings.batch_bytes_max, 4);
  EXPECT_EQ(settings.default_durability, Durability::kMemory);
  EXPECT_EQ(settings.create_time, kNow);
}

BatchHeader StateHeader() {
  BatchHeader header;
  header.base_offset = 100;
  return header;
}

TEST(LogStateTest, NothingStagedIsNothingToWrite) { EXPECT_EQ(LogState({}, {}).DescribeStaged(), ""); }

TEST(LogStateTest, TheWholeStateComesBack) {
  LogState state({}, SomeSettings());
  state.producers().Stage({"p", 1, 0}, 2, 5, kNow);
  ASSERT_THAT(state.Stage(CommitCursor{"c", 20, 0}, kBounds, kNow), IsOk());
  ASSERT_THAT(state.Stage(TrimLog{7}, kBounds, kNow), IsOk());
  state.CommitStaged();
  LogState restored({}, {});
  ASSERT_THAT(restored.Restore(state.Serialize()), IsOk());
  EXPECT_EQ(restored.start_offset(), 7);
  EXPECT_THAT(restored.FindCursor("c"), IsOkAndHolds(Field(&Cursor::next_offset, 20)));
  EXPECT_THAT(restored.producers().Check({"p", 1, 2}, 1), IsOkAndHolds(testing::Eq(std::nullopt)));
  ExpectSomeSettings(restored.settings());
}

TEST(LogStateTest, TheChangesAloneLeadToTheSameState) {
  LogState state({}, {}), follower({}, {});
  const auto commit = [&] {
    const std::string change = state.DescribeStaged();
    state.CommitStaged();
    return follower.Replay(StateHeader(), change);
  };
  ASSERT_THAT(state.Stage(ChangeSettings{SomeSettings()}, kBounds, kNow), IsOk());
  ASSERT_THAT(state.Stage(ResetCursor{"c", 20}, kBounds, kNow), IsOk());
  ASSERT_THAT(commit(), IsOk());
  ASSERT_THAT(state.Stage(TakeCursor{"c"}, kBounds, kNow), IsOk());
  ASSERT_THAT(state.Stage(TrimLog{30}, kBounds, kNow), IsOk());
  ASSERT_THAT(commit(), IsOk());
  ASSERT_THAT(state.Stage(DeleteCursor{"c"}, kBounds, kNow), IsOk());
  ASSERT_THAT(commit(), IsOk());
  EXPECT_EQ(follower.Serialize(), state.Serialize());
  EXPECT_EQ(follower.start_offset(), 30);
}

TEST(LogStateTest, BatchesOfProducersAreReplayedToo) {
  LogState state({}, {});
  BatchHeader header = StateHeader();
  header.count = 3;
  header.producer = ProducerSequence{"p", 2, 0};
  ASSERT_THAT(state.Replay(header, "not looked at"), IsOk());
  EXPECT_THAT(state.producers().Check({"p", 2, 3}, 1), IsOkAndHolds(testing::Eq(std::nullopt)));
}

TEST(LogStateTest, ATrimNeverGoesBackNorBeyondTheHead) {
  LogState state({}, {});
  EXPECT_THAT(state.Stage(TrimLog{101}, kBounds, kNow),
              AllOf(StatusIs(absl::StatusCode::kOutOfRange), HasReason("OFFSET_OUT_OF_RANGE")));
  ASSERT_THAT(state.Stage(TrimLog{50}, kBounds, kNow), IsOk());
  ASSERT_THAT(state.Stage(TrimLog{40}, kBounds, kNow), IsOk());
  state.CommitStaged();
  EXPECT_EQ(state.start_offset(), 50);
  ASSERT_THAT(state.Stage(TrimLog{45}, {50, 100}, kNow), IsOk());
  EXPECT_EQ(state.DescribeStaged(), "");
}

TEST(LogStateTest, ATrimOfRetentionMindsWhatChangedSinceItWasDecided) {
  LogState state({}, SomeSettings());
  const auto trimmed_to = [&](const LogSettings& decided_by) {
    EXPECT_THAT(state.Stage(TrimLog{50, decided_by}, kBounds, kNow), IsOk());
    state.CommitStaged();
    return state.start_offset();
  };
  LogSettings others = SomeSettings();
  others.age_max = absl::Hours(1);
  EXPECT_EQ(trimmed_to(others), 0);
  ASSERT_THAT(state.Stage(ResetCursor{"c", 20}, kBounds, kNow), IsOk());
  EXPECT_EQ(trimmed_to(SomeSettings()), 20) << "the cursor came in the same group";
  ASSERT_THAT(state.Stage(CommitCursor{"c", 60, 0}, kBounds, kNow), IsOk());
  EXPECT_EQ(trimmed_to(SomeSettings()), 50);
}

TEST(LogStateTest, SettingsKeepTheTimeOfCreation) {
  LogState state({}, SomeSettings());
  ASSERT_THAT(state.Stage(ChangeSettings{{}}, kBounds, kNow), IsOk());
  EXPECT_EQ(state.settings().records_max, 2);
  state.CommitStaged();
  EXPECT_EQ(state.settings().records_max, 0);
  EXPECT_EQ(state.settings().create_time, kNow);
}

TEST(LogStateTest, WhatIsDroppedNeverWas) {
  LogState state({}, {});
  const std::string before = state.Serialize();
  ASSERT_THAT(state.Stage(TrimLog{50}, kBounds, kNow), IsOk());
  ASSERT_THAT(state.Stage(ChangeSettings{SomeSettings()}, kBounds, kNow), IsOk());
  ASSERT_THAT(state.Stage(CommitCursor{"c", 20, 0}, kBounds, kNow), IsOk());
  state.producers().Stage({"p", 1, 0}, 2, 5, kNow);
  state.DropStaged();
  EXPECT_EQ(state.DescribeStaged(), "");
  state.CommitStaged();
  EXPECT_EQ(state.Serialize(), before);
}

TEST(LogStateTest, BytesThatAreNoStateAreRefused) {
  LogState state({}, {});
  EXPECT_THAT(state.Restore("\xff\xff"), AllOf(StatusIs(absl::StatusCode::kDataLoss), HasReason("DATA_CORRUPT")));
  EXPECT_THAT(state.Replay(StateHeader(), "\xff\xff"), HasReason("DATA_CORRUPT"));
}

}  // namespace
}  // namespace eventlog
