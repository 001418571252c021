#include "eventlog-svc/engine/embedded/embedded_engine.h"

#include <utility>

#include "eventlog-svc/engine/embedded/data_folder.h"
#include "eventlog-svc/engine/embedded/embedded_stores.h"

namespace eventlog {
namespace {

// The stores, and the lock of their folder.
class LockedStores : public EmbeddedStores {
 public:
  LockedStores(FileSystem& file_system, const EmbeddedEngineOptions& options, std::shared_ptr<FileLock> lock)
      : EmbeddedStores(file_system, options.data_dir, options.storage, options.producers), lock_(std::move(lock)) {}

 private:
  const std::shared_ptr<FileLock> lock_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<LocalEngine>> OpenEmbeddedEngine(FileSystem& file_system,
                                                                EmbeddedEngineOptions options) {
  absl::StatusOr<std::unique_ptr<FileLock>> locked = DataFolder(file_system, options.data_dir).Lock();
  if (!locked.ok()) return locked.status();
  const std::shared_ptr<FileLock> lock = *std::move(locked);
  auto stores = std::make_unique<LockedStores>(file_system, options, lock);
  LocalEngineOptions engine;
  engine.name = "embedded";
  engine.capabilities.durability_max = Durability::kFsync;
  engine.capabilities.survives_restart = true;
  engine.commit = std::move(options.commit);
  engine.retention_interval = options.retention_interval;
  absl::StatusOr<std::unique_ptr<LocalEngine>> opened = LocalEngine::Open(std::move(engine), std::move(stores));
  if (!opened.ok()) lock->Withdraw();
  return opened;
}

}  // namespace eventlog
