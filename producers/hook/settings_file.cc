#include "producers/hook/settings_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace eventlog {
namespace {

constexpr int kLinksMax = 40;

absl::Status Failure(const std::string& path, const char* what) {
  return absl::ErrnoToStatus(errno, absl::StrCat(what, " ", path));
}

// Where the links of the last part of the path end, be there a file or not.
absl::StatusOr<std::string> BehindLinks(std::filesystem::path path) {
  for (int links = 0; links < kLinksMax; ++links) {
    std::error_code error;
    const std::filesystem::path next = std::filesystem::read_symlink(path, error);
    if (error) return path.string();
    path = next.is_absolute() ? next : path.parent_path() / next;
  }
  return absl::InvalidArgumentError(absl::StrCat(path.string(), ": its links go in a circle"));
}

absl::StatusOr<std::optional<std::string>> ReadAll(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0 && errno == ENOENT) return std::nullopt;
  if (file < 0) return Failure(path, "opening");
  const absl::Cleanup closing = [&] { close(file); };
  struct stat status;
  if (fstat(file, &status) < 0) return Failure(path, "reading");
  if (!S_ISREG(status.st_mode)) return absl::InvalidArgumentError(absl::StrCat(path, " is no file"));
  std::string text;
  char chunk[16 * 1024];
  while (true) {
    const ssize_t size = read(file, chunk, sizeof(chunk));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return Failure(path, "reading");
    if (size == 0) return text;
    text.append(chunk, static_cast<size_t>(size));
    if (static_cast<int64_t>(text.size()) > SettingsFile::kBytesMax) {
      return absl::InvalidArgumentError(absl::StrCat(path, " is larger than ", SettingsFile::kBytesMax, " bytes"));
    }
  }
}

absl::Status WriteAll(int file, const std::string& path, absl::string_view text) {
  while (!text.empty()) {
    const ssize_t size = write(file, text.data(), text.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return Failure(path, "writing");
    text.remove_prefix(static_cast<size_t>(size));
  }
  return fsync(file) < 0 ? Failure(path, "writing") : absl::OkStatus();
}

// The owner may not be ours to give; the mode is.
absl::Status TakeOverMode(int file, const std::string& path, const std::string& new_path) {
  struct stat status;
  if (stat(path.c_str(), &status) < 0) return errno == ENOENT ? absl::OkStatus() : Failure(path, "reading");
  if (fchown(file, status.st_uid, status.st_gid) < 0 && errno != EPERM) return Failure(new_path, "giving away");
  return fchmod(file, status.st_mode & 07777) < 0 ? Failure(new_path, "changing the mode of") : absl::OkStatus();
}

// So that the new name is there after a power cut. A file system that cannot is no reason to fail: it is renamed.
void SyncFolder(const std::string& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  fsync(descriptor);
  close(descriptor);
}

}  // namespace

absl::StatusOr<SettingsFile> SettingsFile::Read(const std::string& path) {
  absl::StatusOr<std::string> real = BehindLinks(path);
  if (!real.ok()) return real.status();
  absl::StatusOr<std::optional<std::string>> text = ReadAll(*real);
  if (!text.ok()) return text.status();
  return SettingsFile(*std::move(real), *std::move(text));
}

absl::Status SettingsFile::Replace(absl::string_view text) const {
  const std::filesystem::path parent = std::filesystem::path(path_).parent_path();
  const std::filesystem::path folder = parent.empty() ? std::filesystem::path(".") : parent;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return absl::ErrnoToStatus(error.value(), absl::StrCat("making ", folder.string()));
  std::string new_path = absl::StrCat(path_, ".new-XXXXXX");
  const int file = mkostemp(new_path.data(), O_CLOEXEC);
  if (file < 0) return Failure(new_path, "making");
  absl::Cleanup removing = [&] { unlink(new_path.c_str()); };
  absl::Status status = TakeOverMode(file, path_, new_path);
  if (status.ok()) status = WriteAll(file, new_path, text);
  if (close(file) < 0 && status.ok()) status = Failure(new_path, "writing");
  if (!status.ok()) return status;
  const absl::StatusOr<std::optional<std::string>> now = ReadAll(path_);
  if (!now.ok()) return now.status();
  if (*now != text_) return absl::AbortedError(absl::StrCat(path_, " was changed by somebody else; try again"));
  if (std::rename(new_path.c_str(), path_.c_str()) < 0) return Failure(path_, "replacing");
  std::move(removing).Cancel();
  SyncFolder(folder.string());
  return absl::OkStatus();
}

}  // namespace eventlog
