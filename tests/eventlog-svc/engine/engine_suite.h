// What every engine does, as tests that each engine's own test file instantiates.

#ifndef TESTS_EVENTLOG_SVC_ENGINE_ENGINE_SUITE_H_
#define TESTS_EVENTLOG_SVC_ENGINE_ENGINE_SUITE_H_

#include <functional>
#include <memory>
#include <string>

#include "eventlog-svc/engine/commit_log.h"
#include "eventlog-svc/engine/engine.h"
#include "gtest/gtest.h"
#include "tests/support/log_driver.h"

namespace eventlog {

struct EngineParam {
  std::string name;
  Durability durability = Durability::kFsync;
  // Makes an empty engine, with small segments where it has any.
  std::function<std::unique_ptr<Engine>(const CommitLogOptions& commit)> make;
};

class EngineTest : public testing::TestWithParam<EngineParam> {
 protected:
  void SetUp() override { Make(CommitLogOptions()); }
  // Begins again with an empty engine.
  void Make(CommitLogOptions commit);
  Log& log() { return *log_; }
  absl::StatusOr<RecordPage> Read(int64_t from, Direction direction = Direction::kForward, int64_t records_max = 1000,
                                  size_t bytes_max = 256 * 1024);

  GatedClock clock_;
  std::unique_ptr<Engine> engine_;
  Log* log_ = nullptr;
};

}  // namespace eventlog

#endif  // TESTS_EVENTLOG_SVC_ENGINE_ENGINE_SUITE_H_
