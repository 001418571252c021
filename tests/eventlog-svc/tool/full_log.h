// A log that has all that a log can have, of several segments; and what a copy of it must be.

#ifndef TESTS_EVENTLOG_SVC_TOOL_FULL_LOG_H_
#define TESTS_EVENTLOG_SVC_TOOL_FULL_LOG_H_

#include <memory>
#include <string>
#include <vector>

#include "eventlog-svc/engine/embedded/data_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/eventlog-svc/rpc/scan_service.h"
#include "tests/support/fake_file_system.h"
#include "tests/support/log_driver.h"
#include "tests/support/status_matchers.h"

namespace eventlog {

class FullLog {
 public:
  static constexpr int64_t kHead = 63;

  FullLog() {
    service.Fill(60);
    EXPECT_THAT(service.Change(CommitCursor{"reader", 40, 0}), IsOk());
    LogSettings settings;
    settings.records_max = 1'000'000;
    EXPECT_THAT(service.Change(ChangeSettings{settings}), IsOk());
    EXPECT_THAT(Append(log(), Batch()), IsOk());
    epoch = log().epoch();
    events = ReadAll(log());
  }

  Log& log() { return *service.engine().logs().front(); }
  // The same batch each time: a repeat, where the log remembers it.
  static AppendBatch Batch() { return MakeBatch({"x", "y", "z"}, {"producer", 7, 0}); }

  // What `files`' /data has is this log: opens it as a service does, and goes on with it.
  void ExpectCopy(FakeFileSystem& files) const {
    const std::unique_ptr<LocalEngine> engine = ScanService::OpenEngine(files);
    Log& copy = *engine->logs().front();
    ASSERT_EQ(kHead, copy.bounds().head_offset);
    const std::vector<StoredEvent> found = ReadAll(copy);
    ASSERT_EQ(events.size(), found.size());
    for (size_t i = 0; i < events.size(); ++i) {
      EXPECT_EQ(events[i].offset, found[i].offset);
      EXPECT_EQ(events[i].text, found[i].text);
      EXPECT_EQ(events[i].append_time, found[i].append_time);
    }
    EXPECT_EQ(40, copy.FindCursor("reader")->next_offset);
    EXPECT_EQ(1'000'000, copy.settings().records_max);
    const absl::StatusOr<AppendResult> repeat = Append(copy, Batch());
    ASSERT_THAT(repeat, IsOk());
    EXPECT_TRUE(repeat->duplicate);
    EXPECT_EQ(kHead - 3, repeat->first_offset);
    EXPECT_EQ(kHead, Append(copy, MakeBatch({"next"}))->first_offset);
  }

  // The names of what is in a data folder, the log's files included; a crash may leave an unfinished log.
  static std::vector<std::string> LogsIn(FakeFileSystem& files) {
    const absl::StatusOr<std::vector<std::string>> logs = DataFolder(files, "/data").FindLogs();
    return logs.ok() ? *logs : std::vector<std::string>();
  }
  static std::vector<std::string> NamesIn(FakeFileSystem& files, const std::string& folder) {
    const absl::StatusOr<std::vector<std::string>> names = files.List(folder);
    return names.ok() ? *names : std::vector<std::string>();
  }

  ScanService service;
  std::string epoch;
  std::vector<StoredEvent> events;
};

}  // namespace eventlog

#endif  // TESTS_EVENTLOG_SVC_TOOL_FULL_LOG_H_
