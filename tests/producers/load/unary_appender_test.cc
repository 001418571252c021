#include "producers/load/unary_appender.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/conformance/live_service.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::ElementsAre;

TEST(UnaryAppenderTest, BatchIsOneCallWithOneAnswer) {
  LiveService service("memory");
  UnaryAppender appender(service.channel(), "", 2);
  std::vector<int64_t> offsets;
  const auto done = [&](const absl::StatusOr<int64_t>& offset) { offsets.push_back(*offset); };
  EXPECT_THAT(appender.Append(EventOf("a", "1"), done), IsOk());
  EXPECT_THAT(offsets, ElementsAre());
  EXPECT_THAT(appender.Append(EventOf("a", "2"), done), IsOk());
  EXPECT_THAT(offsets, ElementsAre(0, 1));
  EXPECT_THAT(appender.Append(EventOf("a", "3"), done), IsOk());
  appender.Finish();
  EXPECT_THAT(offsets, ElementsAre(0, 1, 2));
}

TEST(UnaryAppenderTest, RefusalIsTheOutcomeOfEachEvent) {
  LiveService service("memory");
  UnaryAppender appender(service.channel(), "nowhere", 2);
  std::vector<absl::Status> outcomes;
  const auto done = [&](const absl::StatusOr<int64_t>& offset) { outcomes.push_back(offset.status()); };
  EXPECT_THAT(appender.Append(EventOf("a", "1"), done), IsOk());
  EXPECT_THAT(appender.Append(EventOf("a", "2"), done), IsOk());
  ASSERT_EQ(outcomes.size(), 2u);
  for (const absl::Status& outcome : outcomes) EXPECT_THAT(outcome, HasReason("LOG_NOT_FOUND"));
}

TEST(UnaryAppenderTest, AbortedOneTakesNothing) {
  LiveService service("memory");
  UnaryAppender appender(service.channel(), "", 2);
  absl::Status outcome;
  EXPECT_THAT(appender.Append(EventOf("a", "1"), [&](const auto& offset) { outcome = offset.status(); }), IsOk());
  appender.Abort();
  EXPECT_THAT(appender.Append(EventOf("a", "2"), nullptr), StatusIs(absl::StatusCode::kCancelled));
  appender.Finish();
  EXPECT_THAT(outcome, StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(service.Stats().head_offset(), 0);
}

}  // namespace
}  // namespace eventlog
