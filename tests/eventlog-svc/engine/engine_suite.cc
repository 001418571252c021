#include "tests/eventlog-svc/engine/engine_suite.h"

#include <utility>

namespace eventlog {

void EngineTest::Make(CommitLogOptions commit) {
  engine_.reset();
  commit.clock = [this] { return clock_.Now(); };
  engine_ = GetParam().make(commit);
  ASSERT_NE(engine_, nullptr);
  absl::StatusOr<std::shared_ptr<Log>> log = engine_->FindLog("");
  ASSERT_TRUE(log.ok()) << log.status();
  log_ = log->get();
}

absl::StatusOr<RecordPage> EngineTest::Read(int64_t from, Direction direction, int64_t records_max, size_t bytes_max) {
  return log_->Read({from, direction, records_max, bytes_max});
}

}  // namespace eventlog
