// An engine keeps logs: on this machine's disk, in memory, or elsewhere.

#ifndef EVENTLOG_SVC_ENGINE_ENGINE_H_
#define EVENTLOG_SVC_ENGINE_ENGINE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "eventlog-svc/engine/log.h"
#include "eventlog-svc/engine/log_name.h"

namespace eventlog {

// What an engine can do. What it cannot is refused by name, never silently lowered.
struct Capabilities {
  // The best durability, and what kDefault means.
  Durability durability_max = Durability::kMemory;
  bool compare_and_append = true;
  bool producer_sequences = true;
  // Acknowledged events survive a restart of the process.
  bool survives_restart = false;
};

// Keeps its logs and owns its threads. All methods may be called from any thread.
class Engine {
 public:
  // Closes, as Close() does.
  virtual ~Engine() = default;

  // "embedded", "memory": the value of --engine.
  virtual absl::string_view name() const = 0;
  virtual const Capabilities& capabilities() const = 0;

  // kNotFound LOG_NOT_FOUND. An empty name means kDefaultLog. Do not keep the log beyond the engine's life.
  virtual absl::StatusOr<std::shared_ptr<Log>> FindLog(absl::string_view name) const = 0;
  // By name.
  virtual std::vector<std::shared_ptr<Log>> logs() const = 0;
  // Creates a log, durably; settings.create_time is set here. kAlreadyExists LOG_EXISTS; kInvalidArgument LOG_INVALID
  // for a name or settings that cannot be; kResourceExhausted QUOTA_EXCEEDED, DISK_FULL. Waits for the disk.
  virtual absl::StatusOr<std::shared_ptr<Log>> CreateLog(absl::string_view name, LogSettings settings) = 0;
  // Deletes a log: what waits is refused, its readers are told, and it is gone also after a crash. kNotFound
  // LOG_NOT_FOUND; kFailedPrecondition LOG_REQUIRED for kDefaultLog. Waits for the disk.
  virtual absl::Status DeleteLog(absl::string_view name) = 0;

  // As Log's, for all logs that are there and will be. RemoveListener waits for a log that is being deleted, which
  // still tells its listeners: not from within a listener's call.
  virtual void AddListener(LogListener* listener) = 0;
  virtual void RemoveListener(LogListener* listener) = 0;

  // OK while appends can be acknowledged; after a failed sync kUnavailable STORAGE_FAILED, for good.
  virtual absl::Status health() const = 0;

  // Refuses further appends with DRAINING, commits and answers what was accepted, and joins the committing threads.
  // Reads still work. May be called twice.
  virtual void Close() = 0;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_ENGINE_ENGINE_H_
