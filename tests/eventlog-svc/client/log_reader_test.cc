#include "eventlog-svc/client/log_reader.h"

#include "eventlog-svc/client/channel.h"
#include "eventlog-svc/client/rpc_error.h"
#include "gtest/gtest.h"
#include "tests/support/fake_event_log.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

TEST(LogReaderTest, ReadsAPageAndStatistics) {
  FakeEventLog log;
  LogReader reader(NewChannel(log.address()), absl::Seconds(30));
  const auto page = reader.Read({});
  ASSERT_THAT(page, IsOk());
  EXPECT_EQ(page->next_offset(), 0);
  const auto stats = reader.GetLogStats({});
  ASSERT_THAT(stats, IsOk());
  EXPECT_EQ(stats->log(), "events");
}

TEST(LogReaderTest, ErrorsKeepTheReasonOfTheService) {
  FakeEventLog log;
  LogReader reader(NewChannel(log.address()), absl::Seconds(30));
  v1::ReadRequest request;
  request.set_offset(1);
  const auto page = reader.Read(request);
  EXPECT_THAT(page, StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_EQ(RpcErrorReason(page.status()), "OFFSET_OUT_OF_RANGE");
  v1::GetLogStatsRequest other;
  other.set_log("other");
  EXPECT_EQ(RpcErrorReason(reader.GetLogStats(other).status()), "LOG_NOT_FOUND");
}

TEST(LogReaderTest, WaitsNoLongerThanItsTimeout) {
  FakeEventLog log;
  log.Hold(true);
  LogReader reader(NewChannel(log.address()), absl::Milliseconds(200));
  EXPECT_THAT(reader.Read({}), StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST(LogReaderTest, SaysThatTheServiceIsAway) {
  FakeEventLog log;
  log.Stop();
  LogReader reader(NewChannel(log.address()), absl::Seconds(30));
  EXPECT_THAT(reader.Read({}), StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace eventlog
