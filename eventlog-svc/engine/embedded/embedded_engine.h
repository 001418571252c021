// The engine on this machine's disk: one folder, nothing else to run.

#ifndef EVENTLOG_SVC_ENGINE_EMBEDDED_EMBEDDED_ENGINE_H_
#define EVENTLOG_SVC_ENGINE_EMBEDDED_EMBEDDED_ENGINE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "eventlog-svc/engine/commit_log.h"
#include "eventlog-svc/engine/local_engine.h"
#include "eventlog-svc/storage/file_system.h"
#include "eventlog-svc/storage/segmented_log.h"

namespace eventlog {

struct EmbeddedEngineOptions {
  std::string data_dir;
  SegmentedLogOptions storage;
  CommitLogOptions commit;
  ProducerTableOptions producers;
  absl::Duration retention_interval = absl::Seconds(10);
};

// Opens the data folder, or creates it, and holds its lock as long as the engine lives. kFailedPrecondition when
// another process holds it. Where it fails it leaves no lock that was not there. The file system must outlive the
// engine.
absl::StatusOr<std::unique_ptr<LocalEngine>> OpenEmbeddedEngine(FileSystem& file_system, EmbeddedEngineOptions options);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_ENGINE_EMBEDDED_EMBEDDED_ENGINE_H_
