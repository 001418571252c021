#include "eventlog-svc/engine/embedded/embedded_engine.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace eventlog {

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
