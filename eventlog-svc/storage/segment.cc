#include "eventlog-svc/storage/segment.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/storage/segment_header.h"
#include "eventlog-svc/storage/segment_name.h"
#include "glog/logging.h"

namespace eventlog {
namespace {

// Reads the whole file; empty when it is not there or cannot be read.
std::string ReadIndexFile(FileSystem& file_system, const std::string& path) {
  const absl::StatusOr<std::unique_ptr<File>> file = file_system.Open(path, OpenMode::kRead);
  if (!file.ok()) return "";
  const absl::StatusOr<int64_t> size = (*file)->Size();
  if (!size.ok()) return "";
  std::string bytes(static_cast<size_t>(*size), '\0');
  const absl::StatusOr<size_t> count = (*file)->Read(0, bytes.size(), bytes.data());
  return count.ok() && *count == bytes.size() ? bytes : "";
}

}  // namespace

Segment::Segment(FileSystem& file_system, std::string directory, int64_t base_offset, int64_t index_interval_bytes)
    : file_system_(file_system),
      directory_(std::move(directory)),
      base_offset_(base_offset),
      index_(index_interval_bytes) {}

Segment::Segment(FileSystem& file_system, std::string directory, int64_t base_offset, std::shared_ptr<File> file,
                 int64_t first_position, SegmentIndex index, SegmentExtent extent)
    : file_system_(file_system),
      directory_(std::move(directory)),
      base_offset_(base_offset),
      file_(std::move(file)),
      first_position_(first_position),
      index_(std::move(index)),
      extent_(extent) {}

std::string Segment::Path(absl::string_view suffix) const {
  return absl::StrCat(directory_, "/", SegmentFileName(base_offset_, suffix));
}

// Opening does I/O with the lock held: only readers of this one closed segment wait for it, once.
absl::Status Segment::OpenLocked() const {
  if (file_ != nullptr) return absl::OkStatus();
  absl::StatusOr<std::unique_ptr<File>> file = file_system_.Open(Path(kSegmentSuffix), OpenMode::kRead);
  if (!file.ok()) return file.status();
  const absl::StatusOr<int64_t> size = (*file)->Size();
  if (!size.ok()) return size.status();
  const absl::StatusOr<SegmentHeader> header = ReadSegmentHeader(**file, Path(kSegmentSuffix));
  // A damaged header costs nothing but itself: the batches are found behind it.
  first_position_ = header.ok() ? header->size() : 0;
  file_ = *std::move(file);
  if (header.ok() && index_.Decode(ReadIndexFile(file_system_, Path(kIndexSuffix)), extent_) &&
      extent_.end_position == *size) {
    return absl::OkStatus();
  }
  const absl::Status rebuilt = RebuildIndexLocked(first_position_, *size);
  if (!rebuilt.ok()) file_ = nullptr;
  return rebuilt;
}

absl::Status Segment::RebuildIndexLocked(int64_t position, int64_t file_bytes) const {
  LOG(WARNING) << "building the index of " << Path(kSegmentSuffix) << " anew";
  index_.Clear();
  extent_ = SegmentExtent{file_bytes, base_offset_, 0, absl::UnixEpoch()};
  BatchScanner scanner(*file_, position, file_bytes);
  while (true) {
    const absl::StatusOr<BatchScanner::Step> step = scanner.Next();
    if (!step.ok()) return step.status();
    if (*step == BatchScanner::Step::kEnd) return absl::OkStatus();
    if (*step == BatchScanner::Step::kBad) {
      const absl::StatusOr<bool> more = scanner.SkipDamage();
      if (!more.ok()) return more.status();
      continue;
    }
    index_.Add(scanner.header(), scanner.batch_position());
    extent_.next_offset = scanner.header().next_offset();
    extent_.record_count += scanner.header().count;
    extent_.last_append_time = scanner.header().append_time;
  }
}

absl::StatusOr<Segment::Range> Segment::RangeFrom(int64_t offset) const {
  absl::MutexLock lock(&mutex_);
  const absl::Status opened = OpenLocked();
  if (!opened.ok()) return opened;
  Range range{file_, first_position_, base_offset_, extent_.end_position, extent_.next_offset};
  if (const auto entry = index_.FindOffset(offset); entry.has_value()) {
    range.position = entry->position;
    range.offset = entry->offset;
  }
  return range;
}

absl::StatusOr<Segment::Range> Segment::RangeBefore(absl::Time time) const {
  absl::MutexLock lock(&mutex_);
  const absl::Status opened = OpenLocked();
  if (!opened.ok()) return opened;
  Range range{file_, first_position_, base_offset_, extent_.end_position, extent_.next_offset};
  if (const auto entry = index_.FindTime(time); entry.has_value()) {
    range.position = entry->position;
    range.offset = entry->offset;
  }
  return range;
}

absl::StatusOr<absl::Time> Segment::FirstAppendTime() const {
  absl::MutexLock lock(&mutex_);
  const absl::Status opened = OpenLocked();
  if (!opened.ok()) return opened;
  return index_.entries().empty() ? absl::InfiniteFuture() : index_.entries().front().append_time;
}

void Segment::Publish(const SegmentExtent& extent, const std::vector<std::pair<BatchHeader, int64_t>>& batches) {
  absl::MutexLock lock(&mutex_);
  extent_ = extent;
  for (const auto& [header, position] : batches) index_.Add(header, position);
}

absl::Status Segment::StoreIndex() const {
  std::string bytes;
  {
    absl::MutexLock lock(&mutex_);
    bytes = index_.Encode(extent_);
  }
  absl::StatusOr<std::unique_ptr<File>> file = file_system_.Open(Path(kIndexSuffix), OpenMode::kCreate);
  if (!file.ok()) return file.status();
  return (*file)->Write(0, {bytes});
}

}  // namespace eventlog
