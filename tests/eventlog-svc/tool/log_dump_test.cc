#include "eventlog-svc/tool/log_dump.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/eventlog-svc/rpc/scan_service.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

TEST(LogDumpTest, RecordsGapsSegmentsAndStateArePrinted) {
  ScanService service;
  service.Fill(30);
  ASSERT_THAT(service.Change(CommitCursor{"reader", 7, 0}), IsOk());
  service.engine().Close();
  const std::string path = "/data/logs/events/00000000000000000000.log";
  std::string content = service.files.Content(path);
  content[content.find("EVBT") + 100] ^= 1;
  service.files.SetContent(path, content);
  const int64_t operations = service.files.operations();
  std::vector<std::string> lines;
  ASSERT_THAT(
      DumpLog(service.files, "/data/logs/events", [&](absl::string_view line) { lines.push_back(std::string(line)); }),
      IsOk());
  EXPECT_EQ(operations, service.files.operations());
  EXPECT_THAT(lines[0], HasSubstr("\"segment\":\"00000000000000000000.log\""));
  EXPECT_EQ("{\"gap\":{\"start_offset\":0,\"next_offset\":1}}", lines[1]);
  EXPECT_THAT(lines[2], HasSubstr("{\"offset\":1,"));
  EXPECT_THAT(lines, Contains(HasSubstr("{\"offset\":29,")));
  EXPECT_THAT(lines.back(), AllOf(HasSubstr("\"state\""), HasSubstr("{\"cursor\":\"reader\",\"next_offset\":7")));
}

TEST(LogDumpTest, AFolderWithoutALogIsAnError) {
  FakeFileSystem files;
  EXPECT_FALSE(DumpLog(files, "/nothing", [](absl::string_view) {}).ok());
}

}  // namespace
}  // namespace eventlog
