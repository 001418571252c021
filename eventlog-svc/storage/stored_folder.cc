#include "eventlog-svc/storage/stored_folder.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/storage/segment_header.h"
#include "eventlog-svc/storage/segment_name.h"
#include "eventlog-svc/storage/segment_recovery.h"
#include "eventlog-svc/storage/synced_mark.h"

namespace eventlog {
namespace {

constexpr int64_t kIndexIntervalBytes = 1024 * 1024;

// Sets the end as the next opening would; without its header nobody knows it, and all of the file is looked at.
absl::Status FindEnd(FileSystem& file_system, const std::string& directory, const std::string& path,
                     StoredContent& content) {
  const absl::StatusOr<SegmentHeader> header = ReadSegmentHeader(*content.file, path);
  if (!header.ok()) return absl::IsDataLoss(header.status()) ? absl::OkStatus() : header.status();
  const BatchSeal seal{header->salt, header->base_offset};
  const absl::StatusOr<RecoveredSegment> recovered =
      RecoverSegment(*content.file, seal, header->size(), ReadSyncedMark(file_system, directory, seal),
                     kIndexIntervalBytes, [](const BatchHeader&, absl::string_view) { return absl::OkStatus(); });
  if (!recovered.ok()) return recovered.status();
  content.end_position = recovered->extent.end_position;
  content.next_offset = recovered->extent.next_offset;
  content.torn_bytes = recovered->torn_bytes;
  return absl::OkStatus();
}

absl::StatusOr<StoredContent> OpenStored(FileSystem& file_system, const std::string& directory, int64_t base_offset,
                                         bool is_active) {
  const std::string path = absl::StrCat(directory, "/", SegmentFileName(base_offset, kSegmentSuffix));
  absl::StatusOr<std::unique_ptr<File>> file = file_system.Open(path, OpenMode::kRead);
  if (!file.ok()) return file.status();
  StoredContent content;
  content.file = *std::move(file);
  const absl::StatusOr<int64_t> size = content.file->Size();
  if (!size.ok()) return size.status();
  content.end_position = *size;
  if (is_active) {
    const absl::Status found = FindEnd(file_system, directory, path, content);
    return found.ok() ? absl::StatusOr<StoredContent>(std::move(content)) : found;
  }
  const std::string index_path = absl::StrCat(directory, "/", SegmentFileName(base_offset, kIndexSuffix));
  if (!file_system.FileSize(index_path).ok()) return content;
  absl::StatusOr<std::unique_ptr<File>> index = file_system.Open(index_path, OpenMode::kRead);
  if (!index.ok()) return index.status();
  content.index = *std::move(index);
  return content;
}

}  // namespace

absl::StatusOr<std::vector<StoredSegment>> FindStoredSegments(FileSystem& file_system, const std::string& directory) {
  const absl::StatusOr<std::vector<std::string>> names = file_system.List(directory);
  if (!names.ok()) return names.status();
  std::vector<StoredSegment> segments;
  for (const std::string& name : *names) {
    const std::optional<int64_t> base = ParseSegmentFileName(name, kSegmentSuffix);
    if (base.has_value()) segments.push_back({name, *base, false, nullptr});
  }
  if (!segments.empty()) segments.back().is_active = true;
  for (StoredSegment& segment : segments) {
    segment.open = [&file_system, directory, base = segment.base_offset, is_active = segment.is_active] {
      return OpenStored(file_system, directory, base, is_active);
    };
  }
  return segments;
}

}  // namespace eventlog
