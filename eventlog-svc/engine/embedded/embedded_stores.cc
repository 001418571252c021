#include "eventlog-svc/engine/embedded/embedded_stores.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/engine/log_name.h"
#include "eventlog-svc/storage/segment_name.h"
#include "glog/logging.h"

namespace eventlog {
namespace {

RecoveryVisitor VisitorOf(LogState& state) {
  return {[&state](absl::string_view bytes) { return state.Restore(bytes); },
          [&state](const BatchHeader& header, absl::string_view body) { return state.Replay(header, body); }};
}

}  // namespace

EmbeddedStores::EmbeddedStores(FileSystem& file_system, std::string data_dir, const SegmentedLogOptions& storage,
                               const ProducerTableOptions& producers)
    : file_system_(file_system), folder_(file_system, std::move(data_dir)), storage_(storage), producers_(producers) {}

absl::StatusOr<std::vector<std::string>> EmbeddedStores::List() {
  const std::string logs = folder_.LogsFolder();
  const absl::Status created = file_system_.CreateDirectories(logs);
  if (!created.ok()) return created;
  const absl::StatusOr<std::vector<std::string>> folders = file_system_.List(logs);
  if (!folders.ok()) return folders.status();
  std::vector<std::string> names;
  for (const std::string& name : *folders) {
    if (!CheckLogName(name).ok()) {
      LOG(WARNING) << "in " << logs << ": \"" << name << "\" is no log and is left alone";
      continue;
    }
    const absl::StatusOr<std::vector<std::string>> files = file_system_.List(folder_.LogFolder(name));
    if (!files.ok()) return files.status();
    if (HasSegment(*files) && !HasDeletedMark(*files)) {
      names.push_back(name);
      continue;
    }
    // A crash caught it while it was being made or removed.
    const absl::Status cleared = ClearRest(folder_.LogFolder(name));
    LOG_IF(WARNING, !cleared.ok()) << "clearing away log \"" << name << "\": " << cleared;
  }
  return names;
}

absl::StatusOr<StoreFactory::Opened> EmbeddedStores::Open(const std::string& name) {
  auto state = std::make_unique<LogState>(producers_, LogSettings());
  absl::StatusOr<std::unique_ptr<SegmentedLog>> store =
      SegmentedLog::Open(file_system_, folder_.LogFolder(name), storage_, VisitorOf(*state));
  if (!store.ok()) return store.status();
  (*store)->BeginAt(state->start_offset());
  const absl::Status synced = folder_.Sync();
  if (!synced.ok()) return synced;
  return Opened{*std::move(store), std::move(state)};
}

absl::StatusOr<StoreFactory::Opened> EmbeddedStores::Create(const std::string& name, const LogSettings& settings) {
  // What an earlier log of this name left must not become part of the new one. A folder that is there for certain must
  // let itself be listed: that it cannot be does not mean that it is empty.
  const absl::Status made = file_system_.CreateDirectories(folder_.LogFolder(name));
  const absl::Status cleared = made.ok() ? ClearRest(folder_.LogFolder(name)) : made;
  if (!cleared.ok()) return cleared;
  auto state = std::make_unique<LogState>(producers_, settings);
  absl::StatusOr<std::unique_ptr<SegmentedLog>> store =
      SegmentedLog::Open(file_system_, folder_.LogFolder(name), storage_, VisitorOf(*state), state->Serialize());
  const absl::Status synced = store.ok() ? folder_.Sync() : store.status();
  if (synced.ok()) return Opened{*std::move(store), std::move(state)};
  const absl::Status removed = RemoveFolder(folder_.LogFolder(name));
  LOG_IF(WARNING, !removed.ok()) << "clearing away log \"" << name << "\": " << removed;
  return synced;
}

absl::Status EmbeddedStores::Remove(const std::string& name) {
  const std::string folder = folder_.LogFolder(name);
  const std::string mark = absl::StrCat(folder, "/", kDeletedMark);
  const absl::StatusOr<std::unique_ptr<File>> made = file_system_.Open(mark, OpenMode::kCreate);
  if (!made.ok()) return made.status();
  const absl::Status synced = file_system_.SyncDirectory(folder);
  if (synced.ok()) return synced;
  // A restart must not find the mark of a log that goes on.
  absl::Status taken_back = file_system_.Remove(mark);
  if (taken_back.ok()) taken_back = file_system_.SyncDirectory(folder);
  if (taken_back.ok()) return synced;
  return Error(absl::StatusCode::kUnknown, "STORAGE_FAILED",
               absl::StrCat("a restart may find the log or not: ", synced.message()), {{"path", mark}});
}

void EmbeddedStores::Clear(const std::string& name) {
  const absl::Status removed = RemoveFolder(folder_.LogFolder(name));
  LOG_IF(WARNING, !removed.ok()) << "clearing away log \"" << name << "\": " << removed;
}

absl::Status EmbeddedStores::ClearRest(const std::string& folder) {
  const absl::StatusOr<std::vector<std::string>> names = file_system_.List(folder);
  if (!names.ok()) return names.status();
  if (HasDeletedMark(*names)) {
    // A crash may have come before the mark was durable: what it stands for must not go before it is.
    const absl::Status synced = file_system_.SyncDirectory(folder);
    return synced.ok() ? RemoveFolder(folder) : synced;
  }
  if (HasSegment(*names)) {
    return Error(absl::StatusCode::kFailedPrecondition, "LOG_EXISTS", absl::StrCat(folder, " holds segments of a log"));
  }
  for (const std::string& name : *names) {
    // A reader may have put an index into a folder that was being removed.
    if (!absl::EndsWith(name, kUnfinishedSuffix) && !ParseSegmentFileName(name, kIndexSuffix).has_value()) {
      return Error(absl::StatusCode::kFailedPrecondition, "LOG_EXISTS",
                   absl::StrCat(folder, " holds \"", name, "\", which is not of a log: move it away"));
    }
    const absl::Status removed = file_system_.Remove(absl::StrCat(folder, "/", name));
    if (!removed.ok()) return removed;
  }
  return file_system_.Remove(folder);
}

absl::Status EmbeddedStores::RemoveFolder(const std::string& folder) {
  absl::StatusOr<std::vector<std::string>> names = file_system_.List(folder);
  if (!names.ok()) return names.status();
  std::stable_partition(names->begin(), names->end(), [](const std::string& name) { return name != kDeletedMark; });
  for (const std::string& name : *names) {
    // The mark must not go before the segments have.
    const absl::Status synced = name == kDeletedMark ? file_system_.SyncDirectory(folder) : absl::OkStatus();
    if (!synced.ok()) return synced;
    const absl::Status removed = file_system_.Remove(absl::StrCat(folder, "/", name));
    if (!removed.ok()) return removed;
  }
  return file_system_.Remove(folder);
}

}  // namespace eventlog
