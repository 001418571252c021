#include "eventlog-svc/storage/posix_file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"

namespace eventlog {
namespace {

constexpr size_t kPartsPerCall = 512;  // below the system's IOV_MAX of 1,024
constexpr int kLockAttemptsMax = 100;

absl::Status SystemError(absl::string_view what, absl::string_view path, int error) {
  const std::string message = absl::StrCat(what, " ", path, ": ", strerror(error));
  if (error == ENOSPC || error == EDQUOT) {
    return Error(absl::StatusCode::kResourceExhausted, "DISK_FULL", message, {{"path", std::string(path)}});
  }
  return Error(absl::StatusCode::kUnavailable, "STORAGE_FAILED", message, {{"path", std::string(path)}});
}

// Of SyncDirectory.
absl::Status FolderError(absl::string_view what, absl::string_view path, int error) {
  const bool cannot_be_asked = error == EACCES || error == EPERM || error == EINVAL;
  if (!cannot_be_asked) return SystemError(what, path, error);
  return Error(absl::StatusCode::kFailedPrecondition, "STORAGE_FAILED",
               absl::StrCat(what, " ", path, ": ", strerror(error)), {{"path", std::string(path)}});
}

// The call's result, made again as long as it is interrupted.
template <typename Call>
auto Uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

class PosixFile : public File {
 public:
  PosixFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  ~PosixFile() override { close(fd_); }

  absl::StatusOr<size_t> Read(int64_t position, size_t size, char* buffer) const override {
    size_t done = 0;
    while (done < size) {
      const ssize_t count =
          Uninterrupted([&] { return pread(fd_, buffer + done, size - done, position + static_cast<int64_t>(done)); });
      if (count < 0) return SystemError("cannot read", path_, errno);
      if (count == 0) break;
      done += static_cast<size_t>(count);
    }
    return done;
  }

  absl::Status Write(int64_t position, absl::Span<const absl::string_view> parts) override {
    std::vector<iovec> rest;
    rest.reserve(parts.size());
    for (const absl::string_view part : parts) {
      if (!part.empty()) rest.push_back({const_cast<char*>(part.data()), part.size()});
    }
    size_t first = 0;
    while (first < rest.size()) {
      const size_t count = std::min(kPartsPerCall, rest.size() - first);
      ssize_t written =
          Uninterrupted([&] { return pwritev(fd_, rest.data() + first, static_cast<int>(count), position); });
      if (written < 0) return SystemError("cannot write", path_, errno);
      // It would be asked for ever.
      if (written == 0) return SystemError("cannot write", path_, EIO);
      position += written;
      while (first < rest.size() && static_cast<size_t>(written) >= rest[first].iov_len) {
        written -= static_cast<ssize_t>(rest[first++].iov_len);
      }
      if (first < rest.size()) {
        rest[first].iov_base = static_cast<char*>(rest[first].iov_base) + written;
        rest[first].iov_len -= static_cast<size_t>(written);
      }
    }
    return absl::OkStatus();
  }

  absl::Status Sync() override {
    // Not even EINTR is retried here: whether the pages are still dirty is not known after any error.
    return fdatasync(fd_) == 0 ? absl::OkStatus() : SystemError("cannot sync", path_, errno);
  }
  absl::Status Allocate(int64_t size) override {
    if (Uninterrupted([&] { return fallocate(fd_, 0, 0, size); }) == 0) return absl::OkStatus();
    if (errno == EOPNOTSUPP) return Truncate(size);
    return SystemError("cannot reserve space for", path_, errno);
  }
  absl::Status Truncate(int64_t size) override {
    const int result = Uninterrupted([&] { return ftruncate(fd_, size); });
    return result == 0 ? absl::OkStatus() : SystemError("cannot truncate", path_, errno);
  }
  absl::StatusOr<int64_t> Size() const override {
    struct stat info;
    if (fstat(fd_, &info) != 0) return SystemError("cannot stat", path_, errno);
    return info.st_size;
  }

 private:
  const int fd_;
  const std::string path_;
};

class PosixFileLock : public FileLock {
 public:
  PosixFileLock(int fd, std::string path, bool made_file) : fd_(fd), path_(std::move(path)), made_file_(made_file) {}
  ~PosixFileLock() override { close(fd_); }

  void Withdraw() override {
    // Before it is let go: then it may be another one's. A file that stays does no harm.
    if (made_file_) unlink(path_.c_str());
    made_file_ = false;
  }

 private:
  const int fd_;
  const std::string path_;
  bool made_file_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<File>> PosixFileSystem::Open(const std::string& path, OpenMode mode) {
  int flags = O_CLOEXEC;
  if (mode == OpenMode::kRead) flags |= O_RDONLY;
  if (mode == OpenMode::kReadWrite) flags |= O_RDWR;
  if (mode == OpenMode::kCreate) flags |= O_RDWR | O_CREAT | O_TRUNC;
  const int fd = Uninterrupted([&] { return open(path.c_str(), flags, 0640); });
  if (fd < 0) return SystemError("cannot open", path, errno);
  return std::make_unique<PosixFile>(fd, path);
}

absl::Status PosixFileSystem::CreateDirectories(const std::string& path) {
  for (size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string prefix = path.substr(0, end);
    if (mkdir(prefix.c_str(), 0750) != 0 && errno != EEXIST) return SystemError("cannot create folder", prefix, errno);
    if (end == std::string::npos) break;
  }
  struct stat info;
  if (stat(path.c_str(), &info) != 0) return SystemError("cannot create folder", path, errno);
  if (!S_ISDIR(info.st_mode)) return SystemError("cannot create folder", path, ENOTDIR);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> PosixFileSystem::List(const std::string& path) const {
  DIR* directory = opendir(path.c_str());
  if (directory == nullptr) return SystemError("cannot list", path, errno);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = readdir(directory)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
    errno = 0;
  }
  // Half a list would be a log without its newest segments.
  const int error = errno;
  closedir(directory);
  if (error != 0) return SystemError("cannot list", path, error);
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<int64_t> PosixFileSystem::FileSize(const std::string& path) const {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) return SystemError("cannot stat", path, errno);
  return info.st_size;
}

absl::Status PosixFileSystem::Rename(const std::string& from, const std::string& to) {
  return rename(from.c_str(), to.c_str()) == 0 ? absl::OkStatus() : SystemError("cannot rename", from, errno);
}

absl::Status PosixFileSystem::Remove(const std::string& path) {
  return std::remove(path.c_str()) == 0 ? absl::OkStatus() : SystemError("cannot remove", path, errno);
}

absl::Status PosixFileSystem::SyncDirectory(const std::string& path) {
  const int fd = Uninterrupted([&] { return open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  if (fd < 0) return FolderError("cannot open folder", path, errno);
  const int result = fsync(fd);
  const int error = errno;
  close(fd);
  return result == 0 ? absl::OkStatus() : FolderError("cannot sync folder", path, error);
}

absl::StatusOr<std::unique_ptr<FileLock>> PosixFileSystem::Lock(const std::string& path) {
  for (int attempt = 0; attempt < kLockAttemptsMax; ++attempt) {
    int fd = Uninterrupted([&] { return open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640); });
    const bool made_file = fd >= 0;
    if (fd < 0 && errno == EEXIST) {
      fd = Uninterrupted([&] { return open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640); });
    }
    if (fd < 0) return SystemError("cannot open lock", path, errno);
    struct stat info {};
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &info) == 0) {
      if (info.st_nlink > 0) return std::make_unique<PosixFileLock>(fd, path, made_file);
      close(fd);  // it was withdrawn after we had opened it: the next one would make, and lock, another file
      continue;
    }
    const int error = errno;
    close(fd);
    if (error != EWOULDBLOCK) return SystemError("cannot lock", path, error);
    return Error(absl::StatusCode::kFailedPrecondition, "STORAGE_FAILED",
                 absl::StrCat("another process holds the lock ", path), {{"path", path}});
  }
  return SystemError("cannot lock", path, ENOENT);
}

}  // namespace eventlog
