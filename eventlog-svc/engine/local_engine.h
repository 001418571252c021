// An engine of this process: its logs, by name, and what must live as long as they.

#ifndef EVENTLOG_SVC_ENGINE_LOCAL_ENGINE_H_
#define EVENTLOG_SVC_ENGINE_LOCAL_ENGINE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "eventlog-svc/engine/commit_log.h"
#include "eventlog-svc/engine/engine.h"
#include "eventlog-svc/engine/retention_keeper.h"
#include "eventlog-svc/engine/store_factory.h"

namespace eventlog {

struct LocalEngineOptions {
  std::string name;  // the value of --engine
  Capabilities capabilities;
  CommitLogOptions commit;  // of every log, its name and durability aside
  // How often each log is held against its retention.
  absl::Duration retention_interval = absl::Seconds(10);
  // More logs are refused with QUOTA_EXCEEDED: each has a thread and a segment.
  size_t logs_max = 100;
};

class LocalEngine : public Engine {
 public:
  // Opens all logs that the factory has, and creates kDefaultLog when it is not there. An error names the log.
  static absl::StatusOr<std::unique_ptr<LocalEngine>> Open(LocalEngineOptions options,
                                                           std::unique_ptr<StoreFactory> stores);
  ~LocalEngine() override;

  absl::string_view name() const override { return options_.name; }
  const Capabilities& capabilities() const override { return options_.capabilities; }
  absl::StatusOr<std::shared_ptr<Log>> FindLog(absl::string_view name) const override;
  std::vector<std::shared_ptr<Log>> logs() const override;
  absl::StatusOr<std::shared_ptr<Log>> CreateLog(absl::string_view name, LogSettings settings) override;
  absl::Status DeleteLog(absl::string_view name) override;
  void AddListener(LogListener* listener) override;
  void RemoveListener(LogListener* listener) override;
  absl::Status health() const override;
  void Close() override;

  // As FindLog and logs, with what only the logs of local engines have.
  std::vector<std::shared_ptr<CommitLog>> commit_logs() const;

 private:
  LocalEngine(LocalEngineOptions options, std::unique_ptr<StoreFactory> stores);
  absl::Status OpenAll();
  std::shared_ptr<CommitLog> Add(const std::string& name, StoreFactory::Opened opened)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(changes_mutex_);

  const LocalEngineOptions options_;
  // Held while a log is made or removed, which waits for the disk. Close and RemoveListener wait for it, nobody else.
  absl::Mutex changes_mutex_;
  const std::unique_ptr<StoreFactory> stores_ ABSL_PT_GUARDED_BY(changes_mutex_);

  mutable absl::Mutex mutex_ ABSL_ACQUIRED_AFTER(changes_mutex_);
  absl::btree_map<std::string, std::shared_ptr<CommitLog>> logs_ ABSL_GUARDED_BY(mutex_);
  std::vector<LogListener*> listeners_ ABSL_GUARDED_BY(mutex_);
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;

  std::unique_ptr<RetentionKeeper> retention_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_ENGINE_LOCAL_ENGINE_H_
