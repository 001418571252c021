// Cursors, and subscriptions that start at one, as their clients see them.

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/conformance/admin_client.h"
#include "tests/conformance/engines.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::IsEmpty;
using Message = v1::SubscribeResponse;

class CursorsTest : public EngineSuite {
 protected:
  void SetUp() override { ASSERT_THAT(service_.Append({"a", "b", "c", "d"}), IsOk()); }
  static v1::SubscribeRequest FromCursor(const std::string& cursor) {
    v1::SubscribeRequest request;
    request.set_cursor(cursor);
    return request;
  }
  AdminClient admin_{service_.channel()};
};

TEST_P(CursorsTest, ACommitMovesForwardOnly) {
  const auto made = admin_.Commit("c", 2);
  ASSERT_THAT(made, IsOk());
  EXPECT_EQ(made->log(), "events");
  EXPECT_EQ(made->cursor(), "c");
  EXPECT_EQ(made->next_offset(), 2);
  EXPECT_EQ(made->generation(), 0);
  EXPECT_GT(made->commit_time().seconds(), 0);
  EXPECT_EQ(admin_.Commit("c", 1)->next_offset(), 2);
  EXPECT_EQ(admin_.Commit("c", 4)->next_offset(), 4);
  EXPECT_EQ(admin_.GetCursor("c")->next_offset(), 4);
  EXPECT_EQ(admin_.Reset("c", 1)->next_offset(), 1);
  ASSERT_THAT(admin_.DeleteCursor("c"), IsOk());
  EXPECT_THAT(admin_.GetCursor("c"), AllOf(StatusIs(absl::StatusCode::kNotFound), HasReason("CURSOR_NOT_FOUND")));
}

TEST_P(CursorsTest, WhatCannotBeIsRefusedByName) {
  for (const std::string& name : {std::string(), std::string(256, 'x'), std::string("a\nb")}) {
    const auto invalid = AllOf(StatusIs(absl::StatusCode::kInvalidArgument), HasReason("CURSOR_INVALID"));
    EXPECT_THAT(admin_.GetCursor(name), invalid);
    EXPECT_THAT(admin_.Commit(name, 0), invalid);
    EXPECT_THAT(admin_.Reset(name, 0), invalid);
    EXPECT_THAT(admin_.DeleteCursor(name), invalid);
    EXPECT_THAT(service_.Subscribe(FromCursor(name))->Finish(), invalid);
  }
  EXPECT_THAT(admin_.Reset(std::string(255, 'x'), 0), IsOk());
  const auto no_offset = AllOf(StatusIs(absl::StatusCode::kInvalidArgument), HasReason("OFFSET_INVALID"));
  EXPECT_THAT(admin_.Commit("c", -1), no_offset);
  EXPECT_THAT(admin_.Reset("c", -1), no_offset);
  EXPECT_THAT(admin_.Commit("c", 0, -1),
              AllOf(StatusIs(absl::StatusCode::kInvalidArgument), HasReason("REQUEST_INVALID")));
  const auto beyond = AllOf(StatusIs(absl::StatusCode::kOutOfRange), HasReason("OFFSET_OUT_OF_RANGE"));
  EXPECT_THAT(admin_.Commit("c", 5), beyond);
  EXPECT_THAT(admin_.Reset("c", 5), beyond);
  const auto no_log = AllOf(StatusIs(absl::StatusCode::kNotFound), HasReason("LOG_NOT_FOUND"));
  EXPECT_THAT(admin_.Commit("c", 0, 0, "none"), no_log);
  EXPECT_THAT(admin_.GetCursor("c", std::string(10'000, 'x')), no_log);
  const auto no_cursor = AllOf(StatusIs(absl::StatusCode::kNotFound), HasReason("CURSOR_NOT_FOUND"));
  EXPECT_THAT(admin_.Commit("c", 0, 7), no_cursor);
  EXPECT_THAT(admin_.DeleteCursor("c"), no_cursor);
  EXPECT_THAT(service_.Subscribe(FromCursor("c"))->Finish(), no_cursor);
}

TEST_P(CursorsTest, AListGoesFromPageToPage) {
  EXPECT_THAT(admin_.ListCursors(0, "")->cursors(), IsEmpty());
  for (const char* name : {"c3", "c1", "c2"}) ASSERT_THAT(admin_.Commit(name, 1), IsOk());
  const auto first = admin_.ListCursors(2, "");
  ASSERT_THAT(first, IsOk());
  ASSERT_EQ(first->cursors_size(), 2);
  EXPECT_EQ(first->cursors(0).cursor(), "c1");
  EXPECT_EQ(first->cursors(1).cursor(), "c2");
  const auto second = admin_.ListCursors(2, first->next_page_token());
  ASSERT_EQ(second->cursors_size(), 1);
  EXPECT_EQ(second->cursors(0).cursor(), "c3");
  EXPECT_EQ(second->next_page_token(), "");
  EXPECT_THAT(admin_.ListCursors(-1, ""),
              AllOf(StatusIs(absl::StatusCode::kInvalidArgument), HasReason("REQUEST_INVALID")));
}

TEST_P(CursorsTest, ASubscriptionResumesAtItsCursor) {
  ASSERT_THAT(admin_.Commit("c", 2), IsOk());
  const auto follower = service_.Subscribe(FromCursor("c"));
  const Message started = follower->NextOf(Message::kStarted);
  EXPECT_EQ(started.started().next_offset(), 2);
  EXPECT_GT(started.started().generation(), 0);
  EXPECT_THAT(follower->TextsToCaughtUp(), ElementsAre("c", "d"));
  EXPECT_EQ(admin_.GetCursor("c")->next_offset(), 2) << "taking a cursor does not move it";
  EXPECT_EQ(admin_.Commit("c", 4, started.started().generation())->next_offset(), 4);
}

TEST_P(CursorsTest, ANewerSubscriberEndsTheOlderOneWhoseLateCommitFails) {
  ASSERT_THAT(admin_.Commit("c", 1), IsOk());
  const auto older = service_.Subscribe(FromCursor("c"));
  const int64_t old_generation = older->NextOf(Message::kStarted).started().generation();
  const auto newer = service_.Subscribe(FromCursor("c"));
  const int64_t generation = newer->NextOf(Message::kStarted).started().generation();
  EXPECT_GT(generation, old_generation);
  older->TextsToEnd();
  EXPECT_EQ(older->last().ending().reason(), v1::ENDING_REASON_CURSOR_TAKEN);
  EXPECT_THAT(older->Finish(), IsOk());
  EXPECT_THAT(admin_.Commit("c", 3, old_generation),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), HasReason("CURSOR_FENCED")));
  EXPECT_THAT(admin_.Commit("c", 3, generation), IsOk());
  EXPECT_THAT(admin_.Reset("c", 0), IsOk());
  newer->TextsToEnd();
  EXPECT_EQ(newer->last().ending().reason(), v1::ENDING_REASON_CURSOR_TAKEN);
}

TEST_P(CursorsTest, ACursorBelowTheStartIsAGap) {
  ASSERT_THAT(admin_.Commit("c", 1), IsOk());
  ASSERT_THAT(admin_.Trim("", 3), IsOk());
  const Message gap = service_.Subscribe(FromCursor("c"))->NextOf(Message::kGap);
  EXPECT_EQ(gap.gap().start_offset(), 1);
  EXPECT_EQ(gap.gap().next_offset(), 3);
  EXPECT_EQ(gap.gap().reason(), v1::GAP_REASON_TRIMMED);
  EXPECT_EQ(admin_.Commit("new", 0)->next_offset(), 3) << "a commit below the start goes to the start";
}

TEST_P(CursorsTest, TheLagIsCountedAndNeverNegative) {
  ASSERT_THAT(admin_.Commit("behind", 1), IsOk());
  ASSERT_THAT(admin_.Commit("done", 4), IsOk());
  v1::LogStats stats = service_.Stats();
  ASSERT_EQ(stats.cursors_size(), 2);
  EXPECT_EQ(stats.cursors(0).cursor(), "behind");
  EXPECT_EQ(stats.cursors(0).next_offset(), 1);
  EXPECT_EQ(stats.cursors(0).lag_records(), 3);
  EXPECT_TRUE(stats.cursors(0).has_lag_time());
  EXPECT_GE(stats.cursors(0).lag_time().seconds(), 0);
  EXPECT_EQ(stats.cursors(1).lag_records(), 0);
  EXPECT_EQ(stats.cursors(1).lag_time().seconds(), 0);
  EXPECT_EQ(stats.cursors(1).lag_time().nanos(), 0);
  ASSERT_THAT(admin_.Trim("", 3), IsOk());
  EXPECT_EQ(service_.Stats().cursors(0).lag_records(), 1) << "what is gone is not to be done";
}

INSTANTIATE_ON_ENGINES(CursorsTest);

TEST(CursorsRestartTest, CursorsSurviveARestart) {
  ServerOptions options;
  options.data_dir = testing::TempDir() + "/cursors_restart";
  {
    LiveService service("embedded", options);
    AdminClient admin(service.channel());
    ASSERT_THAT(service.Append({"a", "b"}), IsOk());
    ASSERT_THAT(admin.Commit("c", 1), IsOk());
  }
  LiveService service("embedded", options);
  EXPECT_EQ(AdminClient(service.channel()).GetCursor("c")->next_offset(), 1);
}

}  // namespace
}  // namespace eventlog
