#include "eventlog-svc/tool/unfinished_log.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/storage/stored_folder.h"
#include "glog/logging.h"

namespace eventlog {
namespace {

// Whether `path`, in `parent`, is there.
absl::StatusOr<bool> IsThere(const DataFolder& to, const std::string& path) {
  const absl::StatusOr<std::vector<std::string>> names = to.file_system().List(to.LogsFolder());
  if (!names.ok()) return names.status();
  return std::any_of(names->begin(), names->end(),
                     [&](const std::string& name) { return to.LogsFolder() + "/" + name == path; });
}

}  // namespace

UnfinishedLog::UnfinishedLog(const DataFolder& to, std::string log)
    : to_(to), log_(std::move(log)), folder_(to.UnfinishedFolder(log_)) {}

absl::Status UnfinishedLog::CheckIsFree(const DataFolder& to, const std::string& log) {
  const absl::Status created = to.file_system().CreateDirectories(to.LogsFolder());
  if (!created.ok()) return created;
  const absl::StatusOr<bool> exists = IsThere(to, to.LogFolder(log));
  if (!exists.ok()) return exists.status();
  if (!*exists) return absl::OkStatus();
  return Error(absl::StatusCode::kAlreadyExists, "LOG_EXISTS",
               absl::StrCat("log \"", log, "\" is already in ", to.path(), " and is never written over: move ",
                            to.LogFolder(log), " out of ", to.LogsFolder(), ", or name another folder or --log"),
               {{"path", to.LogFolder(log)}});
}

absl::StatusOr<std::unique_ptr<UnfinishedLog>> UnfinishedLog::Create(const DataFolder& to, const std::string& log) {
  const absl::Status is_free = CheckIsFree(to, log);
  if (!is_free.ok()) return is_free;
  std::unique_ptr<UnfinishedLog> unfinished(new UnfinishedLog(to, log));
  const absl::StatusOr<bool> has_rest = IsThere(to, unfinished->folder_);
  absl::Status status = has_rest.status();
  if (status.ok() && *has_rest) status = unfinished->Remove();
  if (status.ok()) status = to.file_system().CreateDirectories(unfinished->folder_);
  if (!status.ok()) {
    unfinished->finished_ = true;  // what is there is not ours
    return status;
  }
  return unfinished;
}

UnfinishedLog::~UnfinishedLog() {
  if (finished_) return;
  const absl::Status removed = Remove();
  LOG_IF(WARNING, !removed.ok()) << "clearing away " << folder_ << ": " << removed;
}

absl::Status UnfinishedLog::Remove() const {
  const absl::StatusOr<std::vector<std::string>> names = to_.file_system().List(folder_);
  if (!names.ok()) return names.status();
  for (const std::string& name : *names) {
    const absl::Status removed = to_.file_system().Remove(absl::StrCat(folder_, "/", name));
    if (!removed.ok()) return removed;
  }
  return to_.file_system().Remove(folder_);
}

absl::StatusOr<LogCopy> UnfinishedLog::Verify(const OnDamage& on_damage) const {
  absl::StatusOr<std::vector<StoredSegment>> segments = FindStoredSegments(to_.file_system(), folder_);
  if (!segments.ok()) return segments.status();
  if (segments->empty()) {
    return Error(absl::StatusCode::kDataLoss, "DATA_CORRUPT",
                 absl::StrCat("log \"", log_, "\" came without a segment"));
  }
  LogCopy copy;
  LogVerifierOptions options;
  options.visitor.on_segment = [&copy](const StoredSegment&, const SegmentHeader* header) {
    if (header != nullptr) copy.epoch = header->epoch;
  };
  LogVerifier verifier(*std::move(segments), std::move(options));
  while (true) {
    const absl::StatusOr<std::optional<SegmentReport>> report = verifier.Next();
    if (!report.ok()) return report.status();
    if (!report->has_value()) break;
    copy.next_offset = (*report)->next_offset;
    if ((*report)->damaged() && on_damage) on_damage(**report);
  }
  copy.summary = verifier.summary();
  return copy;
}

absl::Status UnfinishedLog::Finish() {
  // Before the rename: with the log's name everything must be there that is in it.
  absl::Status status = to_.file_system().SyncDirectory(folder_);
  if (status.ok()) status = to_.file_system().Rename(folder_, to_.LogFolder(log_));
  if (!status.ok()) return status;
  finished_ = true;
  status = to_.Sync();
  if (status.ok()) return status;
  return absl::Status(status.code(),
                      absl::StrCat(to_.LogFolder(log_), " is whole, but a power cut may take it: ", status.message()));
}

}  // namespace eventlog
