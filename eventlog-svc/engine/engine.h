// An engine keeps logs: on this machine's disk, in memory, or elsewhere.

#ifndef EVENTLOG_SVC_ENGINE_ENGINE_H_
#define EVENTLOG_SVC_ENGINE_ENGINE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "eventlog-svc/engine/log.h"

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

// The name of the log that always exists.
inline constexpr char kDefaultLog[] = "events";

// Owns its logs and its threads. All methods may be called from any thread.
class Engine {
 public:
  // Closes, as Close() does.
  virtual ~Engine() = default;

  // "embedded", "memory": the value of --engine.
  virtual absl::string_view name() const = 0;
  virtual const Capabilities& capabilities() const = 0;

  // kNotFound LOG_NOT_FOUND. The log lives as long as the engine. An empty name means kDefaultLog.
  virtual absl::StatusOr<Log*> FindLog(absl::string_view name) const = 0;
  virtual std::vector<Log*> logs() const = 0;

  // OK while appends can be acknowledged; after a failed sync kUnavailable STORAGE_FAILED, for good.
  virtual absl::Status health() const = 0;

  // Refuses further appends with DRAINING, commits and answers what was accepted, and joins the committing threads.
  // Reads still work. May be called twice.
  virtual void Close() = 0;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_ENGINE_ENGINE_H_
