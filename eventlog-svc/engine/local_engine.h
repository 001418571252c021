// An engine of this process: the default log, and what must live as long as it.

#ifndef EVENTLOG_SVC_ENGINE_LOCAL_ENGINE_H_
#define EVENTLOG_SVC_ENGINE_LOCAL_ENGINE_H_

#include <memory>
#include <string>
#include <vector>

#include "eventlog-svc/engine/commit_log.h"
#include "eventlog-svc/engine/engine.h"

namespace eventlog {

class LocalEngine : public Engine {
 public:
  // `name` is the value of --engine. `resources` (the lock of a folder, a file system) are let go after the log.
  LocalEngine(std::string name, const Capabilities& capabilities, std::unique_ptr<CommitLog> log,
              std::shared_ptr<void> resources = nullptr);
  ~LocalEngine() override;

  absl::string_view name() const override { return name_; }
  const Capabilities& capabilities() const override { return capabilities_; }
  absl::StatusOr<Log*> FindLog(absl::string_view name) const override;
  std::vector<Log*> logs() const override { return {log_.get()}; }
  absl::Status health() const override { return log_->health(); }
  void Close() override { log_->Close(); }
  const CommitMetrics& metrics() const { return log_->metrics(); }

 private:
  const std::string name_;
  const Capabilities capabilities_;
  const std::shared_ptr<void> resources_;
  const std::unique_ptr<CommitLog> log_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_ENGINE_LOCAL_ENGINE_H_
