// The folder that a service keeps its logs in: what lies where, its lock, and how its names become durable. FORMAT.md
// is the specification. The engine and the tools for the folder of a stopped service share it.

#ifndef EVENTLOG_SVC_ENGINE_EMBEDDED_DATA_FOLDER_H_
#define EVENTLOG_SVC_ENGINE_EMBEDDED_DATA_FOLDER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "eventlog-svc/storage/file_system.h"

namespace eventlog {

// In the folder of a log that is deleted: what is left there goes on the next opening.
inline constexpr char kDeletedMark[] = "deleted";

// What a listing of a log's folder says.
bool HasSegment(const std::vector<std::string>& names);
bool HasDeletedMark(const std::vector<std::string>& names);

// Thread safe. The file system must outlive it.
class DataFolder {
 public:
  DataFolder(FileSystem& file_system, std::string path);

  FileSystem& file_system() const { return file_system_; }
  const std::string& path() const { return path_; }
  // The folder of all logs, and that of one.
  std::string LogsFolder() const;
  std::string LogFolder(absl::string_view log) const;
  // Beside it, where a copy of a log lies until it is whole. No log can have this name, and the engine leaves it alone.
  std::string UnfinishedFolder(absl::string_view log) const;

  // Creates the folder where it is missing. kFailedPrecondition when somebody uses it.
  absl::StatusOr<std::unique_ptr<FileLock>> Lock() const;
  // The names of the logs, sorted; none that is deleted or not whole. Changes nothing.
  absl::StatusOr<std::vector<std::string>> FindLogs() const;
  // Makes the names durable under which the logs' folders are found, as far up as that is possible: without it a power
  // cut could take the whole of a new log.
  absl::Status Sync() const;

 private:
  FileSystem& file_system_;
  const std::string path_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_ENGINE_EMBEDDED_DATA_FOLDER_H_
