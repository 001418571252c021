#include "eventlog-svc/tool/log_restorer.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/storage/stored_folder.h"
#include "eventlog-svc/storage/synced_mark.h"

namespace eventlog {
namespace {

constexpr size_t kCopyBytes = 1024 * 1024;

absl::Status CopyBytes(const File& from, int64_t position, File& to) {
  std::string bytes(kCopyBytes, '\0');
  while (true) {
    const absl::StatusOr<size_t> count = from.Read(position, bytes.size(), bytes.data());
    if (!count.ok()) return count.status();
    if (*count == 0) return absl::OkStatus();
    const absl::Status written = to.Write(position, {absl::string_view(bytes).substr(0, *count)});
    if (!written.ok()) return written;
    position += static_cast<int64_t>(*count);
  }
}

}  // namespace

LogRestorer::LogRestorer(const DataFolder& from, const DataFolder& to, RestoredEpoch epoch)
    : from_(from), to_(to), epoch_(epoch) {}

absl::StatusOr<SegmentHeader> LogRestorer::ReadIdentity(const std::string& folder, const StoredSegment& newest) const {
  const std::string path = absl::StrCat(folder, "/", newest.name);
  const absl::StatusOr<std::unique_ptr<File>> file = from_.file_system().Open(path, OpenMode::kRead);
  if (!file.ok()) return file.status();
  absl::StatusOr<SegmentHeader> header = ReadSegmentHeader(**file, path);
  if (header.ok() && header->base_offset != newest.base_offset) {
    return Error(absl::StatusCode::kDataLoss, "DATA_CORRUPT",
                 absl::StrCat("segment ", path, " has another's name: its first offset is ", header->base_offset));
  }
  return header;
}

absl::Status LogRestorer::CopySegment(const std::string& from, const std::string& to, const SegmentHeader& old,
                                      const std::string& epoch) const {
  const absl::StatusOr<std::unique_ptr<File>> source = from_.file_system().Open(from, OpenMode::kRead);
  if (!source.ok()) return source.status();
  const absl::StatusOr<std::unique_ptr<File>> copy = to_.file_system().Open(to, OpenMode::kCreate);
  if (!copy.ok()) return copy.status();
  absl::StatusOr<SegmentHeader> header = ReadSegmentHeader(**source, from);
  if (!header.ok() && !absl::IsDataLoss(header.status())) return header.status();
  int64_t position = 0;
  absl::Status status;
  if (header.ok() && header->epoch == old.epoch && header->salt == old.salt) {
    // Of the same length; no batch's checksum covers it.
    position = header->size();
    header->epoch = epoch;
    status = (*copy)->Write(0, {EncodeSegmentHeader(*header)});
  }
  if (status.ok()) status = CopyBytes(**source, position, **copy);
  if (status.ok()) status = (*copy)->Sync();
  return status;
}

absl::StatusOr<LogCopy> LogRestorer::Restore(const std::string& log, const OnDamage& on_damage) {
  const std::string folder = from_.LogFolder(log);
  const absl::StatusOr<std::vector<StoredSegment>> segments = FindStoredSegments(from_.file_system(), folder);
  if (!segments.ok()) return segments.status();
  if (segments->empty()) return absl::NotFoundError(absl::StrCat("there is no segment in ", folder));
  const absl::StatusOr<SegmentHeader> old = ReadIdentity(folder, segments->back());
  if (!old.ok()) return old.status();
  const absl::StatusOr<std::unique_ptr<UnfinishedLog>> unfinished = UnfinishedLog::Create(to_, log);
  if (!unfinished.ok()) return unfinished.status();
  const std::string& target = (*unfinished)->folder();
  const std::string epoch = epoch_ == RestoredEpoch::kKept ? old->epoch : NewEpoch();
  absl::Status status;
  for (const StoredSegment& segment : *segments) {
    status = CopySegment(absl::StrCat(folder, "/", segment.name), absl::StrCat(target, "/", segment.name), *old, epoch);
    if (!status.ok()) return status;
  }
  const BatchSeal seal{old->salt, old->base_offset};
  const SyncedMark mark = ReadSyncedMark(from_.file_system(), folder, seal);
  if (mark.position > 0) status = WriteSyncedMark(to_.file_system(), target, seal, mark);
  if (!status.ok()) return status;
  absl::StatusOr<LogCopy> copy = (*unfinished)->Verify(on_damage);
  if (!copy.ok()) return copy;
  status = (*unfinished)->Finish();
  return status.ok() ? copy : status;
}

}  // namespace eventlog
