// The operating system behind one interface, so that tests can lose what was not synced and fail any call.
//
// Every failure is a status: no space left is kResourceExhausted DISK_FULL; anything else is kUnavailable
// STORAGE_FAILED with the system's own words; a lock that somebody holds, and a sync that cannot be asked for, is
// kFailedPrecondition. Nothing is retried except EINTR and short transfers, which are handled here and nowhere else.

#ifndef EVENTLOG_SVC_STORAGE_FILE_SYSTEM_H_
#define EVENTLOG_SVC_STORAGE_FILE_SYSTEM_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace eventlog {

// An open file. Reads may come from any thread, at the same time as writes of other ranges; writes from one thread at a
// time. Closing is the destructor's: nothing that matters may wait for it.
class File {
 public:
  virtual ~File() = default;

  // Reads up to `size` bytes at `position` into `buffer`; fewer only at the end of the file.
  virtual absl::StatusOr<size_t> Read(int64_t position, size_t size, char* buffer) const = 0;
  // Writes all parts, one behind the other, from `position` on. On an error the range may be partly written.
  virtual absl::Status Write(int64_t position, absl::Span<const absl::string_view> parts) = 0;
  // fdatasync. After an error what was written since the last success may be gone, whatever a later call says.
  virtual absl::Status Sync() = 0;
  // Reserves space; the file grows to `size` with zeros.
  virtual absl::Status Allocate(int64_t size) = 0;
  virtual absl::Status Truncate(int64_t size) = 0;
  virtual absl::StatusOr<int64_t> Size() const = 0;
};

// Held as long as it lives; the system lets it go when the process dies. The file of its path stays.
class FileLock {
 public:
  virtual ~FileLock() = default;

  // The file goes, too, if it was this lock that made it: for who leaves the folder without having used it. From then
  // on another one may hold the lock.
  virtual void Withdraw() = 0;
};

enum class OpenMode { kRead, kReadWrite, kCreate };  // kCreate truncates what is there

// Paths are the system's. Thread safe.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  virtual absl::StatusOr<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode) = 0;
  // Creates the folder and those above it; fine when it is there.
  virtual absl::Status CreateDirectories(const std::string& path) = 0;
  // The names in a folder, sorted.
  virtual absl::StatusOr<std::vector<std::string>> List(const std::string& path) const = 0;
  virtual absl::StatusOr<int64_t> FileSize(const std::string& path) const = 0;
  virtual absl::Status Rename(const std::string& from, const std::string& to) = 0;
  // A file, or an empty folder.
  virtual absl::Status Remove(const std::string& path) = 0;
  // Makes the entries of the folder durable. kFailedPrecondition when it cannot be asked for that: we may not open it,
  // or its file system knows no such sync.
  virtual absl::Status SyncDirectory(const std::string& path) = 0;
  // kFailedPrecondition when another process, or another lock of this one, holds it.
  virtual absl::StatusOr<std::unique_ptr<FileLock>> Lock(const std::string& path) = 0;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_STORAGE_FILE_SYSTEM_H_
