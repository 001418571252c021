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
  EXPECT_EQ(testing::internal::GetCapturedStdout(),
            "{\"log\":\"events\",\"epoch\":\"\",\"start_offset\":0,\"head_offset\":0,\"record_count\":0,\"byte_count\":"
            "0,\"cursors\":[]}\n");
}

TEST(StatsCommandTest, ExitCodesTellRefusedUsageAndAwayApart) {
  FakeEventLog log;
  testing::internal::CaptureStderr();
  EXPECT_EQ(RunCommand(StatsCommand(), {log.address(), "", true, false}, {"--log=other"}), kExitRefused);
  EXPECT_EQ(RunCommand(StatsCommand(), {log.address(), "", true, false}, {"--lag"}), kExitUsage);
  EXPECT_EQ(RunCommand(StatsCommand(), {log.address(), "", true, false}, {"--interval_s=1"}), kExitUsage);
  EXPECT_EQ(RunCommand(StatsCommand(), {log.address(), "", true, false}, {"--watch", "--interval_s=0"}), kExitUsage);
  EXPECT_EQ(RunCommand(StatsCommand(), {log.address(), "", true, false}, {"--watch", "--log=other"}), kExitRefused);
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

v1::LogStats Example() {
  v1::LogStats stats;
  stats.set_log("orders");
  stats.set_epoch("0123");
  stats.set_start_offset(1000);
  stats.set_head_offset(2500);
  stats.set_record_count(1500);
  stats.set_byte_count(3 << 20);
  stats.mutable_oldest_append_time()->set_seconds(1);
  stats.mutable_newest_append_time()->set_seconds(2);
  v1::CursorLag* const cursor = stats.add_cursors();
  cursor->set_cursor("mail\x1b[2J");
  cursor->set_next_offset(1200);
  cursor->set_lag_records(1300);
  cursor->mutable_lag_time()->set_seconds(61);
  cursor->mutable_lag_time()->set_nanos(500'000'000);
  stats.add_cursors()->set_cursor("b");
  return stats;
}

TEST(StatsCommandTest, CursorsHaveTheirLag) {
  EXPECT_THAT(StatsJson(Example()), HasSubstr("\"newest_append_time\":\"1970-01-01T00:00:02Z\",\"cursors\":["
                                              "{\"cursor\":\"mail\\u001b[2J\",\"next_offset\":1200,"
                                              "\"lag_records\":1300,\"lag_s\":61.500},{\"cursor\":\"b\","));
}

TEST(StatsCommandTest, ATableForPeopleIsHarmless) {
  const std::string table = StatsTable(Example());
  EXPECT_EQ(table,
            "log      orders (epoch 0123)\n"
            "offsets  1,000 to 2,499, the next is 2,500\n"
            "records  1,500 in 3.0 MiB\n"
            "appended 1970-01-01T00:00:01Z to 1970-01-01T00:00:02Z\n\n"
            "cursor                 next          behind      seconds\n"
            "mail\\x1b[2J           1,200           1,300         61.5\n"
            "b                         0               0          0.0\n");
  EXPECT_THAT(StatsTable(v1::LogStats()), HasSubstr("offsets  none, the next is 0\n"));
}

}  // namespace
}  // namespace eventlog
