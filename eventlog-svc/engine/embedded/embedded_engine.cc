#include "eventlog-svc/engine/embedded/embedded_engine.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"

namespace eventlog {
namespace {

// Makes the names of the folders durable in which the log's own folder lies: without it a power cut could take the
// whole of a new log, acknowledged or not. Those above the data folder may not be ours to open.
absl::Status SyncFolders(FileSystem& file_system, const std::string& data_dir) {
  for (const std::string& path : {absl::StrCat(data_dir, "/logs"), data_dir}) {
    const absl::Status synced = file_system.SyncDirectory(path);
    if (!synced.ok()) return synced;
  }
  size_t end = data_dir.size();
  do {
    end = end == 0 ? std::string::npos : data_dir.rfind('/', end - 1);
    const std::string above = end == std::string::npos ? "." : end == 0 ? "/" : data_dir.substr(0, end);
    const absl::Status synced = file_system.SyncDirectory(above);
    LOG_IF(WARNING, !synced.ok()) << "a new log may not survive a power cut: " << synced;
  } while (end != 0 && end != std::string::npos);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<LocalEngine>> OpenEmbeddedEngine(FileSystem& file_system,
                                                                EmbeddedEngineOptions options) {
  const absl::Status created = file_system.CreateDirectories(options.data_dir);
  if (!created.ok()) return created;
  absl::StatusOr<std::unique_ptr<FileLock>> lock = file_system.Lock(absl::StrCat(options.data_dir, "/lock"));
  if (!lock.ok()) return lock.status();

  ProducerTable producers(options.producers);
  const RecoveryVisitor visitor{[&](absl::string_view state) { return producers.Restore(state); },
                                [&](const BatchHeader& header) {
                                  if (!header.producer.has_value()) return;
                                  producers.Stage(*header.producer, header.count, header.base_offset,
                                                  header.append_time);
                                  producers.CommitStaged();
                                }};
  absl::StatusOr<std::unique_ptr<SegmentedLog>> store =
      SegmentedLog::Open(file_system, absl::StrCat(options.data_dir, "/logs/", kDefaultLog), options.storage, visitor);
  if (!store.ok()) return store.status();
  const absl::Status synced = SyncFolders(file_system, options.data_dir);
  if (!synced.ok()) return synced;

  options.commit.name = kDefaultLog;
  options.commit.durability = Durability::kFsync;
  Capabilities capabilities;
  capabilities.durability_max = Durability::kFsync;
  capabilities.survives_restart = true;
  return std::make_unique<LocalEngine>(
      "embedded", capabilities,
      std::make_unique<CommitLog>(std::move(options.commit), *std::move(store), std::move(producers)),
      std::shared_ptr<FileLock>(*std::move(lock)));
}

}  // namespace eventlog
