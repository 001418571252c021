#include "eventlog-svc/storage/synced_mark.h"

#include <memory>
#include <optional>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/storage/crc32c.h"
#include "eventlog-svc/storage/little_endian.h"
#include "eventlog-svc/storage/segment_format.h"
#include "eventlog-svc/storage/segment_name.h"

namespace eventlog {
namespace {

// Positions; FORMAT.md has the table.
constexpr size_t kMagicAt = 0;
constexpr size_t kChecksumAt = 4;
constexpr size_t kSaltAt = 8;
constexpr size_t kPositionAt = 16;
constexpr size_t kNextOffsetAt = 24;

std::string Path(const std::string& directory, const BatchSeal& seal, absl::string_view suffix) {
  return absl::StrCat(directory, "/", SegmentFileName(seal.segment_offset, suffix));
}

}  // namespace

SyncedMark ReadSyncedMark(FileSystem& file_system, const std::string& directory, const BatchSeal& seal) {
  const auto file = file_system.Open(Path(directory, seal, kSyncedSuffix), OpenMode::kRead);
  if (!file.ok()) return {};
  char bytes[kSyncedMarkBytes];
  const absl::StatusOr<size_t> count = (*file)->Read(0, sizeof(bytes), bytes);
  if (!count.ok() || *count < sizeof(bytes) || LoadLittleEndian<uint32_t>(bytes + kMagicAt) != kSyncedMagic ||
      LoadLittleEndian<uint64_t>(bytes + kSaltAt) != seal.salt ||
      Crc32c(absl::string_view(bytes, sizeof(bytes)).substr(kSaltAt)) !=
          LoadLittleEndian<uint32_t>(bytes + kChecksumAt)) {
    return {};
  }
  const SyncedMark mark{LoadLittleEndian<int64_t>(bytes + kPositionAt),
                        LoadLittleEndian<int64_t>(bytes + kNextOffsetAt)};
  const bool possible = mark.position >= 0 && mark.next_offset >= seal.segment_offset &&
                        mark.next_offset - seal.segment_offset <= mark.position / kRecordBytesMin &&
                        mark.next_offset <= kOffsetMax;
  return possible ? mark : SyncedMark();
}

absl::Status WriteSyncedMark(FileSystem& file_system, const std::string& directory, const BatchSeal& seal,
                             const SyncedMark& mark) {
  char bytes[kSyncedMarkBytes];
  StoreLittleEndian<uint32_t>(kSyncedMagic, bytes + kMagicAt);
  StoreLittleEndian<uint64_t>(seal.salt, bytes + kSaltAt);
  StoreLittleEndian<int64_t>(mark.position, bytes + kPositionAt);
  StoreLittleEndian<int64_t>(mark.next_offset, bytes + kNextOffsetAt);
  StoreLittleEndian<uint32_t>(Crc32c(absl::string_view(bytes, sizeof(bytes)).substr(kSaltAt)), bytes + kChecksumAt);
  const std::string unfinished = Path(directory, seal, absl::StrCat(kSyncedSuffix, kUnfinishedSuffix));
  const auto file = file_system.Open(unfinished, OpenMode::kCreate);
  if (!file.ok()) return file.status();
  absl::Status status = (*file)->Write(0, {absl::string_view(bytes, sizeof(bytes))});
  if (status.ok()) status = (*file)->Sync();
  if (status.ok()) status = file_system.Rename(unfinished, Path(directory, seal, kSyncedSuffix));
  if (status.ok()) status = file_system.SyncDirectory(directory);
  return status;
}

absl::Status CheckMarkedAreThere(const std::vector<std::string>& names, const std::string& directory,
                                 int64_t last_offset) {
  for (const std::string& name : names) {
    const std::optional<int64_t> marked = ParseSegmentFileName(name, kSyncedSuffix);
    if (!marked.has_value() || *marked <= last_offset) continue;
    const std::string path = absl::StrCat(directory, "/", SegmentFileName(*marked, kSegmentSuffix));
    return Error(absl::StatusCode::kDataLoss, "DATA_CORRUPT",
                 absl::StrCat("segment ", path, " is missing, and ", name,
                              " says that it was there; bring it back, or remove that too and lose what it held"),
                 {{"path", path}});
  }
  return absl::OkStatus();
}

absl::Status RemoveSyncedMark(FileSystem& file_system, const std::string& directory, const BatchSeal& seal) {
  const absl::StatusOr<std::vector<std::string>> names = file_system.List(directory);
  if (!names.ok()) return names.status();
  absl::Status status;
  if (absl::c_linear_search(*names, SegmentFileName(seal.segment_offset, kSyncedSuffix))) {
    status = file_system.Remove(Path(directory, seal, kSyncedSuffix));
  }
  return status.ok() ? file_system.SyncDirectory(directory) : status;
}

}  // namespace eventlog
