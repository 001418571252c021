// FileSystem on the real system calls.

#ifndef EVENTLOG_SVC_STORAGE_POSIX_FILE_SYSTEM_H_
#define EVENTLOG_SVC_STORAGE_POSIX_FILE_SYSTEM_H_

#include <memory>
#include <string>
#include <vector>

#include "eventlog-svc/storage/file_system.h"

namespace eventlog {

class PosixFileSystem : public FileSystem {
 public:
  absl::StatusOr<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode) override;
  absl::Status CreateDirectories(const std::string& path) override;
  absl::StatusOr<std::vector<std::string>> List(const std::string& path) const override;
  absl::StatusOr<int64_t> FileSize(const std::string& path) const override;
  absl::Status Rename(const std::string& from, const std::string& to) override;
  absl::Status Remove(const std::string& path) override;
  absl::Status SyncDirectory(const std::string& path) override;
  absl::StatusOr<std::unique_ptr<FileLock>> Lock(const std::string& path) override;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_STORAGE_POSIX_FILE_SYSTEM_H_
