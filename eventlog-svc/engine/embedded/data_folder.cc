#include "eventlog-svc/engine/embedded/data_folder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/log_name.h"
#include "eventlog-svc/storage/segment_name.h"
#include "glog/logging.h"

namespace eventlog {

bool HasSegment(const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(),
                     [](const std::string& name) { return ParseSegmentFileName(name, kSegmentSuffix).has_value(); });
}

bool HasDeletedMark(const std::vector<std::string>& names) {
  return std::find(names.begin(), names.end(), kDeletedMark) != names.end();
}

DataFolder::DataFolder(FileSystem& file_system, std::string path) : file_system_(file_system), path_(std::move(path)) {}

std::string DataFolder::LogsFolder() const { return absl::StrCat(path_, "/logs"); }

std::string DataFolder::LogFolder(absl::string_view log) const { return absl::StrCat(LogsFolder(), "/", log); }

std::string DataFolder::UnfinishedFolder(absl::string_view log) const {
  return absl::StrCat(LogsFolder(), "/.", log, ".unfinished");
}

absl::StatusOr<std::unique_ptr<FileLock>> DataFolder::Lock() const {
  const absl::Status created = file_system_.CreateDirectories(path_);
  if (!created.ok()) return created;
  return file_system_.Lock(absl::StrCat(path_, "/lock"));
}

absl::StatusOr<std::vector<std::string>> DataFolder::FindLogs() const {
  const absl::StatusOr<std::vector<std::string>> folders = file_system_.List(LogsFolder());
  if (!folders.ok()) return folders.status();
  std::vector<std::string> logs;
  for (const std::string& name : *folders) {
    if (!CheckLogName(name).ok()) continue;
    const absl::StatusOr<std::vector<std::string>> files = file_system_.List(LogFolder(name));
    if (!files.ok()) return files.status();
    if (HasSegment(*files) && !HasDeletedMark(*files)) logs.push_back(name);
  }
  return logs;
}

absl::Status DataFolder::Sync() const {
  for (const std::string& path : {LogsFolder(), path_}) {
    const absl::Status synced = file_system_.SyncDirectory(path);
    if (!synced.ok()) return synced;
  }
  // Those above may not be ours to open, or be of a file system that cannot sync them; but one whose sync fails may
  // have lost the name.
  size_t end = path_.size();
  do {
    end = end == 0 ? std::string::npos : path_.rfind('/', end - 1);
    const std::string above = end == std::string::npos ? "." : end == 0 ? "/" : path_.substr(0, end);
    const absl::Status synced = file_system_.SyncDirectory(above);
    if (!synced.ok() && !absl::IsFailedPrecondition(synced)) return synced;
    LOG_IF(WARNING, !synced.ok()) << "a new log may not survive a power cut: " << synced;
  } while (end != 0 && end != std::string::npos);
  return absl::OkStatus();
}

}  // namespace eventlog
