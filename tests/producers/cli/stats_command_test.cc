#include "producers/cli/stats_command.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "producers/cli/dispatcher.h"
#include "tests/support/fake_event_log.h"

namespace eventlog {
namespace {

using testing::HasSubstr;

TEST(StatsCommandTest, PrintsOneJsonLine) {
  FakeEventLog log;
  testing::internal::CaptureStdout();
  EXPECT_EQ(RunCommand(StatsCommand(), {log.address(), "", true, false}, {}), kExitOk);
  EXPECT_EQ(
      testing::internal::GetCapturedStdout(),
      "{\"log\":\"events\",\"epoch\":\"\",\"start_offset\":0,\"head_offset\":0,\"record_count\":0,\"byte_count\":0}\n");
}

TEST(StatsCommandTest, ExitCodesTellRefusedUsageAndAwayApart) {
  FakeEventLog log;
  testing::internal::CaptureStderr();
  EXPECT_EQ(RunCommand(StatsCommand(), {log.address(), "", true, false}, {"--log=other"}), kExitRefused);
  EXPECT_EQ(RunCommand(StatsCommand(), {log.address(), "", true, false}, {"--lag"}), kExitUsage);
  EXPECT_EQ(RunCommand(StatsCommand(), {log.address(), "", true, false}, {"word"}), kExitUsage);
  log.Stop();
  EXPECT_EQ(RunCommand(StatsCommand(), {log.address(), "", true, false}, {}), kExitUnreachable);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("LOG_NOT_FOUND: scripted"));
}

TEST(StatsCommandTest, TheServerMayBeNamedBehindTheCommand) {
  FakeEventLog log;
  testing::internal::CaptureStdout();
  EXPECT_EQ(RunCommand(StatsCommand(), {"127.0.0.1:1", "", true, false}, {"--server", log.address()}), kExitOk);
  testing::internal::GetCapturedStdout();
}

}  // namespace
}  // namespace eventlog
