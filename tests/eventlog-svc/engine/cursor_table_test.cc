#include "eventlog-svc/engine/cursor_table.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;

constexpr LogBounds kBounds{10, 100};
const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

auto IsAt(int64_t next_offset, int64_t generation) {
  return IsOkAndHolds(AllOf(Field(&Cursor::next_offset, next_offset), Field(&Cursor::generation, generation)));
}

class CursorTableTest : public testing::Test {
 protected:
  absl::StatusOr<Cursor> Commit(int64_t next_offset, int64_t generation, const std::string& name = "c") {
    return table_.Commit({name, next_offset, generation}, kBounds, kNow);
  }
  // What a restart finds of what is committed: by the changes alone, or from the whole state.
  static CursorTable Restarted(const CursorTable& table) {
    storage::v1::LogState state;
    table.Serialize(state);
    CursorTable restarted;
    restarted.Restore(state);
    return restarted;
  }

  CursorTable table_;
};

TEST_F(CursorTableTest, ACommitCreatesAndMovesForwardOnly) {
  EXPECT_THAT(Commit(20, 0), IsAt(20, 0));
  EXPECT_THAT(Commit(30, 0), IsAt(30, 0));
  EXPECT_THAT(Commit(25, 0), IsAt(30, 0));
  table_.CommitStaged();
  EXPECT_THAT(Commit(25, 0), IsAt(30, 0));
  EXPECT_FALSE(table_.has_staged()) << "nothing changed, so nothing is to be written";
}

TEST_F(CursorTableTest, BelowTheStartACommitGoesToTheStart) { EXPECT_THAT(Commit(3, 0), IsAt(10, 0)); }

TEST_F(CursorTableTest, OutsideOfTheLogIsRefused) {
  EXPECT_THAT(Commit(101, 0), AllOf(StatusIs(absl::StatusCode::kOutOfRange), HasReason("OFFSET_OUT_OF_RANGE")));
  EXPECT_THAT(Commit(-1, 0), HasReason("OFFSET_OUT_OF_RANGE"));
  EXPECT_THAT(table_.Reset({"c", 101}, kBounds, kNow), HasReason("OFFSET_OUT_OF_RANGE"));
  EXPECT_THAT(Commit(100, 0), IsAt(100, 0));
}

TEST_F(CursorTableTest, WhoTakesTheCursorFencesTheOnesBefore) {
  EXPECT_THAT(table_.Take({"c"}), AllOf(StatusIs(absl::StatusCode::kNotFound), HasReason("CURSOR_NOT_FOUND")));
  EXPECT_THAT(Commit(20, 3), HasReason("CURSOR_NOT_FOUND"));
  ASSERT_THAT(Commit(20, 0), IsOk());
  EXPECT_THAT(table_.Take({"c"}), IsAt(20, 1));
  EXPECT_THAT(table_.Take({"c"}), IsAt(20, 2));
  table_.CommitStaged();
  EXPECT_THAT(Commit(21, 1), AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), HasReason("CURSOR_FENCED")));
  EXPECT_THAT(Commit(21, 0), HasReason("CURSOR_FENCED"));
  EXPECT_THAT(Commit(21, 3), HasReason("CURSOR_FENCED"));
  EXPECT_THAT(Commit(21, 2), IsAt(21, 2));
}

TEST_F(CursorTableTest, AResetGoesAnywhereAndEndsTheHold) {
  ASSERT_THAT(table_.Reset({"c", 50}, kBounds, kNow), IsAt(50, 0));
  ASSERT_THAT(table_.Take({"c"}), IsAt(50, 1));
  EXPECT_THAT(table_.Reset({"c", 15}, kBounds, kNow), IsAt(15, 0));
  EXPECT_THAT(Commit(60, 1), HasReason("CURSOR_FENCED"));
  EXPECT_THAT(Commit(60, 0), IsAt(60, 0));
}

TEST_F(CursorTableTest, AGenerationIsNeverGivenTwice) {
  ASSERT_THAT(Commit(20, 0), IsOk());
  ASSERT_THAT(table_.Take({"c"}), IsAt(20, 1));
  table_.CommitStaged();
  ASSERT_THAT(table_.Delete({"c"}), IsOk());
  table_.CommitStaged();
  EXPECT_THAT(table_.Find("c"), HasReason("CURSOR_NOT_FOUND"));
  EXPECT_THAT(table_.Delete({"c"}), HasReason("CURSOR_NOT_FOUND"));
  CursorTable restarted = Restarted(table_);
  ASSERT_THAT(restarted.Reset({"c", 20}, kBounds, kNow), IsOk());
  EXPECT_THAT(restarted.Take({"c"}), IsAt(20, 2));
}

TEST_F(CursorTableTest, WhatIsDroppedNeverWas) {
  ASSERT_THAT(Commit(20, 0), IsOk());
  table_.CommitStaged();
  ASSERT_THAT(Commit(30, 0), IsOk());
  ASSERT_THAT(table_.Take({"c"}), IsOk());
  ASSERT_THAT(Commit(30, 0, "other"), IsOk());
  table_.DropStaged();
  EXPECT_THAT(table_.List(), ElementsAre(AllOf(Field(&Cursor::name, "c"), Field(&Cursor::next_offset, 20))));
  EXPECT_THAT(Commit(21, 0), IsAt(21, 0));
}

TEST_F(CursorTableTest, TheChangesAloneLeadToTheSameState) {
  CursorTable follower;
  const auto commit = [&] {
    storage::v1::StateChange change;
    table_.Describe(change);
    table_.CommitStaged();
    follower.Replay(change);
  };
  ASSERT_THAT(Commit(20, 0), IsOk());
  ASSERT_THAT(Commit(20, 0, "d"), IsOk());
  ASSERT_THAT(table_.Take({"c"}), IsOk());
  commit();
  ASSERT_THAT(Commit(25, 1), IsOk());
  ASSERT_THAT(table_.Delete({"d"}), IsOk());
  commit();
  storage::v1::LogState left, followed;
  table_.Serialize(left);
  follower.Serialize(followed);
  EXPECT_EQ(left.SerializeAsString(), followed.SerializeAsString());
  EXPECT_EQ(left.cursors_size(), 1);
  EXPECT_EQ(left.cursors(0).commit_time_ns(), absl::ToUnixNanos(kNow));
}

TEST_F(CursorTableTest, TheirNumberIsBounded) {
  for (size_t i = 0; i < CursorTable::kCursorsMax; ++i) ASSERT_THAT(Commit(20, 0, absl::StrCat(i)), IsOk());
  EXPECT_THAT(Commit(20, 0, "more"),
              AllOf(StatusIs(absl::StatusCode::kResourceExhausted), HasReason("QUOTA_EXCEEDED")));
  EXPECT_THAT(Commit(21, 0, "7"), IsOk());
  ASSERT_THAT(table_.Delete({"7"}), IsOk());
  EXPECT_THAT(Commit(20, 0, "more"), IsOk());
  EXPECT_THAT(Commit(20, 0, "even more"), HasReason("QUOTA_EXCEEDED"));
}

}  // namespace
}  // namespace eventlog
