#include "producers/session/session_activity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace eventlog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SessionActivityTest : public testing::Test {
 protected:
  SessionActivityTest() : sink_(Options()) {}

  EventSinkOptions Options() {
    EventSinkOptions options;
    options.add = [this](const std::vector<v1::Event>& events) {
      for (const v1::Event& event : events) kept_.push_back(event.text());
      return absl::OkStatus();
    };
    return options;
  }
  SessionActivityOptions WithOutput() {
    SessionActivityOptions options = Plain();
    options.output.emplace();
    return options;
  }
  SessionActivityOptions Plain() { return {"s1", absl::Seconds(60), std::nullopt}; }
  // All that was said; nothing is said afterwards.
  std::vector<std::string> Said() {
    sink_.Close(absl::InfiniteFuture());
    return kept_;
  }

  const absl::Time now_ = absl::FromUnixSeconds(1'000'000);
  std::vector<std::string> kept_;
  EventSink sink_;
};

TEST_F(SessionActivityTest, WhatPrintsNothingForAWhileIsIdleUntilItPrints) {
  SessionActivity activity(Plain(), sink_, now_);
  activity.Watch(now_);
  EXPECT_EQ(activity.due(), now_ + absl::Seconds(60));
  activity.Printed("x", now_ + absl::Seconds(50));
  EXPECT_EQ(activity.due(), now_ + absl::Seconds(110));
  activity.Tick(now_ + absl::Seconds(109));
  EXPECT_EQ(activity.state(), session::v1::SESSION_STATE_RUNNING);
  activity.Tick(now_ + absl::Seconds(110));
  EXPECT_EQ(activity.state(), session::v1::SESSION_STATE_IDLE);
  EXPECT_EQ(activity.due(), absl::InfiniteFuture());
  activity.Tick(now_ + absl::Seconds(200));
  activity.Printed("y", now_ + absl::Seconds(300));
  EXPECT_EQ(activity.due(), now_ + absl::Seconds(360));
  EXPECT_THAT(
      Said(),
      ElementsAre(R"({"session_id":"s1","old_state":"SESSION_STATE_RUNNING","new_state":"SESSION_STATE_IDLE"})",
                  R"({"session_id":"s1","old_state":"SESSION_STATE_IDLE","new_state":"SESSION_STATE_RUNNING"})"));
}

TEST_F(SessionActivityTest, WhatNobodySeesPrintIsNeverIdle) {
  SessionActivity activity(Plain(), sink_, now_);
  EXPECT_EQ(activity.due(), absl::InfiniteFuture());
  activity.Tick(now_ + absl::Hours(1));
  EXPECT_THAT(Said(), IsEmpty());
}

TEST_F(SessionActivityTest, WhatIsStoppedIsNotIdleAndNotMadeToRunByOthersThatPrint) {
  SessionActivity activity(Plain(), sink_, now_);
  activity.Watch(now_);
  activity.Stopped();
  activity.Stopped();
  EXPECT_EQ(activity.due(), absl::InfiniteFuture());
  activity.Tick(now_ + absl::Hours(1));
  activity.Printed("of a job in the background", now_ + absl::Hours(1));
  EXPECT_EQ(activity.state(), session::v1::SESSION_STATE_STOPPED);
  activity.Continued(now_ + absl::Hours(2));
  EXPECT_EQ(activity.due(), now_ + absl::Hours(2) + absl::Seconds(60)) << "from when it goes on";
  EXPECT_THAT(Said(), ElementsAre(HasSubstr("STOPPED"), HasSubstr("RUNNING")));
}

TEST_F(SessionActivityTest, OutputIsToldOnlyWhereItIsAskedFor) {
  SessionActivity quiet(Plain(), sink_, now_);
  SessionActivity activity(WithOutput(), sink_, now_);
  EXPECT_FALSE(quiet.wants_output());
  EXPECT_TRUE(activity.wants_output());
  quiet.Printed("nobody asked", now_);
  quiet.Finish();
  activity.Printed("one", now_);
  EXPECT_EQ(activity.due(), now_ + absl::Milliseconds(200));
  EXPECT_EQ(quiet.TimeoutMs(now_), -1);
  EXPECT_EQ(activity.TimeoutMs(now_), 201) << "not a moment too early";
  EXPECT_EQ(activity.TimeoutMs(now_ + absl::Seconds(1)), 1);
  activity.Tick(now_ + absl::Milliseconds(200));
  activity.Printed("two", now_ + absl::Seconds(1), session::v1::OUTPUT_STREAM_STDERR);
  activity.Finish();
  EXPECT_THAT(Said(), ElementsAre(R"({"session_id":"s1","text":"one"})",
                                  R"({"session_id":"s1","text":"two","stream":"OUTPUT_STREAM_STDERR"})"));
}

}  // namespace
}  // namespace eventlog
