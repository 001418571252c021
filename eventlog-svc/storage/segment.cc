#include "eventlog-svc/storage/segment.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/storage/segment_header.h"
#include "eventlog-svc/storage/segment_name.h"
#include "glog/logging.h"

namespace eventlog {
namespace {

// Reads the whole file; empty when it is not there, cannot be read, or is longer than an index of so long a segment.
std::string ReadIndexFile(FileSystem& file_system, const std::string& path, int64_t segment_bytes) {
  const absl::StatusOr<std::unique_ptr<File>> file = file_system.Open(path, OpenMode::kRead);
  if (!file.ok()) return "";
  const absl::StatusOr<int64_t> size = (*file)->Size();
  if (!size.ok() || *size > segment_bytes) return "";
  std::string bytes(static_cast<size_t>(*size), '\0');
  const absl::StatusOr<size_t> count = (*file)->Read(0, bytes.size(), bytes.data());
  return count.ok() && *count == bytes.size() ? bytes : "";
}

}  // namespace

Segment::Segment(SegmentPlace place, int64_t index_interval_bytes)
    : place_(std::move(place)), index_(index_interval_bytes) {}

Segment::Segment(SegmentPlace place, std::shared_ptr<File> file, int64_t first_position, SegmentIndex index,
                 SegmentExtent extent)
    : place_(std::move(place)),
      file_(std::move(file)),
      first_position_(first_position),
      index_(std::move(index)),
      extent_(extent),
      published_(extent) {}

std::string Segment::Path(absl::string_view suffix) const {
  return absl::StrCat(place_.directory, "/", SegmentFileName(base_offset(), suffix));
}

// Opening does I/O with the lock held: only readers of this one closed segment wait for it, once.
absl::Status Segment::OpenLocked() const {
  if (file_ != nullptr) return absl::OkStatus();
  absl::StatusOr<std::unique_ptr<File>> file = place_.file_system.Open(Path(kSegmentSuffix), OpenMode::kRead);
  if (!file.ok()) return file.status();
  const absl::StatusOr<int64_t> size = (*file)->Size();
  if (!size.ok()) return size.status();
  const absl::StatusOr<SegmentHeader> header = ReadSegmentHeader(**file, Path(kSegmentSuffix));
  // A damaged header costs nothing but itself: the batches are found behind it.
  first_position_ = header.ok() ? header->size() : 0;
  file_ = *std::move(file);
  if (index_.Decode(place_.seal, ReadIndexFile(place_.file_system, Path(kIndexSuffix), *size), extent_) &&
      extent_.end_position == *size && extent_.next_offset >= base_offset() &&
      (index_.entries().empty() || index_.entries().front().offset >= base_offset())) {
    return absl::OkStatus();
  }
  const absl::Status rebuilt = RebuildIndexLocked(first_position_, *size);
  if (!rebuilt.ok()) {
    file_ = nullptr;
    return rebuilt;
  }
  // So that the next opening need not do it again; it can be done without.
  const absl::Status stored = WriteIndexFile(index_.Encode(place_.seal, extent_));
  LOG_IF(WARNING, !stored.ok()) << "storing an index: " << stored;
  return absl::OkStatus();
}

absl::Status Segment::RebuildIndexLocked(int64_t position, int64_t file_bytes) const {
  const bool is_there = place_.file_system.FileSize(Path(kIndexSuffix)).ok();
  LOG_IF(WARNING, is_there) << "the index of " << Path(kSegmentSuffix) << " is not its own; building it anew";
  LOG_IF(INFO, !is_there) << "building the index of " << Path(kSegmentSuffix);
  index_.Clear();
  extent_ = SegmentExtent{file_bytes, base_offset(), 0, absl::UnixEpoch()};
  BatchScanner scanner(*file_, place_.seal, {position, base_offset(), file_bytes});
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

template <typename Look>
absl::Status Segment::WithOpen(Look look) const {
  bool opened = false;
  {
    absl::MutexLock lock(&mutex_);
    opened = file_ == nullptr;
    const absl::Status status = OpenLocked();
    if (!status.ok()) return status;
    look();
  }
  if (opened) place_.open_segments.Add(shared_from_this());
  return absl::OkStatus();
}

absl::StatusOr<Segment::Range> Segment::RangeFrom(int64_t offset) const {
  Range range;
  const absl::Status opened =
      WithOpen([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { range = RangeAtLocked(index_.FindOffset(offset)); });
  if (!opened.ok()) return opened;
  return range;
}

absl::StatusOr<Segment::Range> Segment::RangeBefore(absl::Time time) const {
  Range range;
  const absl::Status opened =
      WithOpen([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { range = RangeAtLocked(index_.FindTime(time)); });
  if (!opened.ok()) return opened;
  return range;
}

Segment::Range Segment::RangeAtLocked(const std::optional<SegmentIndex::Entry>& entry) const {
  Range range{file_, place_.seal, {first_position_, base_offset(), extent_.end_position}, extent_.next_offset};
  if (entry.has_value()) {
    range.scan.position = entry->position;
    range.scan.offset = entry->offset;
  }
  return range;
}

absl::StatusOr<absl::Time> Segment::FirstAppendTime() const {
  absl::Time first = absl::InfiniteFuture();
  const absl::Status opened = WithOpen([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (!index_.entries().empty()) first = index_.entries().front().append_time;
  });
  if (!opened.ok()) return opened;
  return first;
}

absl::StatusOr<StoredContent> Segment::OpenContent() const {
  StoredContent content;
  std::optional<SegmentExtent> published;
  {
    absl::MutexLock lock(&mutex_);
    content.file = file_;
    content.end_position = extent_.end_position;
    content.next_offset = extent_.next_offset;
    published = published_;
  }
  // A closed segment does not change any more.
  if (content.file == nullptr) {
    absl::StatusOr<std::unique_ptr<File>> file = place_.file_system.Open(Path(kSegmentSuffix), OpenMode::kRead);
    if (!file.ok()) return file.status();
    content.file = *std::move(file);
    const absl::StatusOr<int64_t> size = content.file->Size();
    if (!size.ok()) return size.status();
    content.end_position = *size;
    content.next_offset.reset();
  }
  if (published.has_value() && published->end_position <= content.end_position) {
    const bool cut = published->end_position < content.end_position;
    content.end_position = published->end_position;
    content.next_offset = published->next_offset;
    // A file that could not be cut when the segment was closed, of which an index is as a whole.
    if (cut) return content;
  }
  absl::StatusOr<std::unique_ptr<File>> index = place_.file_system.Open(Path(kIndexSuffix), OpenMode::kRead);
  if (index.ok()) content.index = *std::move(index);
  return content;
}

void Segment::CloseFile() const {
  absl::MutexLock lock(&mutex_);
  file_ = nullptr;
  index_.Clear();
}

void Segment::Publish(const SegmentExtent& extent, const std::vector<std::pair<BatchHeader, int64_t>>& batches) {
  absl::MutexLock lock(&mutex_);
  extent_ = extent;
  published_ = extent;
  for (const auto& [header, position] : batches) index_.Add(header, position);
}

absl::Status Segment::StoreIndex() const {
  std::string bytes;
  {
    absl::MutexLock lock(&mutex_);
    bytes = index_.Encode(place_.seal, extent_);
  }
  return WriteIndexFile(bytes);
}

absl::Status Segment::WriteIndexFile(absl::string_view bytes) const {
  // Renamed when it is whole, so that nobody sees half of one.
  const std::string unfinished = absl::StrCat(Path(kIndexSuffix), kUnfinishedSuffix);
  const absl::StatusOr<std::unique_ptr<File>> file = place_.file_system.Open(unfinished, OpenMode::kCreate);
  const absl::Status written = file.ok() ? (*file)->Write(0, {bytes}) : file.status();
  return written.ok() ? place_.file_system.Rename(unfinished, Path(kIndexSuffix)) : written;
}

}  // namespace eventlog
