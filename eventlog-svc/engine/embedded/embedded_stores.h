// The stores of the embedded engine: a folder for each log under DATA_DIR/logs. FORMAT.md is the specification.

#ifndef EVENTLOG_SVC_ENGINE_EMBEDDED_EMBEDDED_STORES_H_
#define EVENTLOG_SVC_ENGINE_EMBEDDED_EMBEDDED_STORES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventlog-svc/engine/embedded/data_folder.h"
#include "eventlog-svc/engine/producer_table.h"
#include "eventlog-svc/engine/store_factory.h"
#include "eventlog-svc/storage/file_system.h"
#include "eventlog-svc/storage/segmented_log.h"

namespace eventlog {

// Whoever uses it holds the lock of the data folder. The file system must outlive it and the stores.
class EmbeddedStores : public StoreFactory {
 public:
  EmbeddedStores(FileSystem& file_system, std::string data_dir, const SegmentedLogOptions& storage,
                 const ProducerTableOptions& producers);

  absl::StatusOr<std::vector<std::string>> List() override;
  absl::StatusOr<Opened> Open(const std::string& name) override;
  absl::StatusOr<Opened> Create(const std::string& name, const LogSettings& settings) override;
  absl::Status Remove(const std::string& name) override;
  void Clear(const std::string& name) override;

 private:
  // Removes what is in the folder, the mark of its deletion last, and the folder.
  absl::Status RemoveFolder(const std::string& folder);
  // Clears the folder of a log that was being made or removed; not one that holds a log, or what is not ours.
  absl::Status ClearRest(const std::string& folder);

  FileSystem& file_system_;
  const DataFolder folder_;
  const SegmentedLogOptions storage_;
  const ProducerTableOptions producers_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_ENGINE_EMBEDDED_EMBEDDED_STORES_H_
