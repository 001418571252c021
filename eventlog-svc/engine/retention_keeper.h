// Trims each log to what its retention keeps, every now and then.

#ifndef EVENTLOG_SVC_ENGINE_RETENTION_KEEPER_H_
#define EVENTLOG_SVC_ENGINE_RETENTION_KEEPER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/log.h"

namespace eventlog {

// The start offset that the log's retention asks for: the start as it is when nothing is to go. By age and count it is
// exact, by bytes in whole segments; a log kept for its cursors is not trimmed beyond the first of them. May read the
// disk.
absl::StatusOr<int64_t> RetainedStart(const Log& log, absl::Time now);

// One thread, which reads the logs and asks them for a TrimLog. Stops and joins when it is destroyed.
class RetentionKeeper {
 public:
  RetentionKeeper(std::function<std::vector<std::shared_ptr<Log>>()> logs, absl::Duration interval,
                  std::function<absl::Time()> clock);
  ~RetentionKeeper();

 private:
  void Run();
  void Trim(Log& log) const;

  const std::function<std::vector<std::shared_ptr<Log>>()> logs_;
  const absl::Duration interval_;
  const std::function<absl::Time()> clock_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_ENGINE_RETENTION_KEEPER_H_
