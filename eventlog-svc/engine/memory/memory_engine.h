// The engine without a disk: logs in memory, gone with the process. For tests, and for events that need not survive.

#ifndef EVENTLOG_SVC_ENGINE_MEMORY_MEMORY_ENGINE_H_
#define EVENTLOG_SVC_ENGINE_MEMORY_MEMORY_ENGINE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "eventlog-svc/engine/commit_log.h"
#include "eventlog-svc/engine/local_engine.h"

namespace eventlog {

struct MemoryEngineOptions {
  // Of each log: the oldest batches are dropped beyond it.
  int64_t bytes_max = 256 * 1024 * 1024;
  CommitLogOptions commit;
  ProducerTableOptions producers;
  absl::Duration retention_interval = absl::Seconds(10);
};

std::unique_ptr<LocalEngine> NewMemoryEngine(MemoryEngineOptions options);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_ENGINE_MEMORY_MEMORY_ENGINE_H_
