#include "eventlog-svc/storage/segmented_log.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/storage/append_time.h"
#include "eventlog-svc/storage/segment_name.h"
#include "eventlog-svc/storage/segment_reader.h"
#include "eventlog-svc/storage/segment_recovery.h"
#include "eventlog-svc/storage/synced_mark.h"
#include "glog/logging.h"

namespace eventlog {
namespace {

constexpr int64_t kCopyBytes = 1024 * 1024;
// Trimmed records of less than this may stay in the active segment.
constexpr int64_t kMuchBytes = 1024 * 1024;

}  // namespace

SegmentedLog::SegmentedLog(FileSystem& file_system, std::string directory, const SegmentedLogOptions& options)
    : file_system_(file_system),
      directory_(std::move(directory)),
      options_(options),
      open_segments_(options.open_segments_max) {}

std::string SegmentedLog::Path(int64_t base_offset, absl::string_view suffix) const {
  return absl::StrCat(directory_, "/", SegmentFileName(base_offset, suffix));
}

absl::StatusOr<std::unique_ptr<SegmentedLog>> SegmentedLog::Open(FileSystem& file_system, const std::string& directory,
                                                                 const SegmentedLogOptions& options,
                                                                 const RecoveryVisitor& visitor,
                                                                 absl::string_view initial_state) {
  absl::Status status = file_system.CreateDirectories(directory);
  if (!status.ok()) return status;
  const absl::StatusOr<std::vector<std::string>> names = file_system.List(directory);
  if (!names.ok()) return names.status();
  std::vector<int64_t> bases;
  for (const std::string& name : *names) {
    if (const auto base = ParseSegmentFileName(name, kSegmentSuffix); base.has_value()) bases.push_back(*base);
    if (absl::EndsWith(name, kUnfinishedSuffix)) {
      status = file_system.Remove(absl::StrCat(directory, "/", name));
      if (!status.ok()) return status;
    }
  }
  status = CheckMarkedAreThere(*names, directory, bases.empty() ? -1 : bases.back());
  if (!status.ok()) return status;
  std::unique_ptr<SegmentedLog> log(new SegmentedLog(file_system, directory, options));
  if (bases.empty()) {
    log->epoch_ = EpochOf(options.random());
    log->salt_ = options.random();
    status = log->CreateSegment(0, initial_state, absl::UnixEpoch());
    if (status.ok()) log->list_.AddActive(log->active_, log->first_position_);
    return status.ok() ? absl::StatusOr<std::unique_ptr<SegmentedLog>>(std::move(log)) : status;
  }
  status = log->OpenActive(bases.back(), visitor);
  bases.pop_back();
  if (status.ok()) status = log->AddClosed(bases);
  if (!status.ok()) return status;
  return log;
}

absl::Status SegmentedLog::OpenActive(int64_t base_offset, const RecoveryVisitor& visitor) {
  const std::string path = Path(base_offset, kSegmentSuffix);
  absl::StatusOr<std::unique_ptr<File>> file = file_system_.Open(path, OpenMode::kReadWrite);
  if (!file.ok()) return file.status();
  file_ = *std::move(file);
  const absl::StatusOr<SegmentHeader> header = ReadSegmentHeader(*file_, path);
  if (!header.ok()) return header.status();
  if (header->base_offset != base_offset) {
    return Error(absl::StatusCode::kDataLoss, "DATA_CORRUPT",
                 absl::StrCat("segment ", path, " has another's name: its first offset is ", header->base_offset),
                 {{"path", path}});
  }
  epoch_ = header->epoch;
  salt_ = header->salt;
  first_position_ = header->size();
  absl::Status status = visitor.on_state(header->state);
  if (!status.ok()) return status;
  const absl::StatusOr<int64_t> bytes = file_->Size();
  if (!bytes.ok()) return bytes.status();
  SyncedMark mark = ReadSyncedMark(file_system_, directory_, Seal(base_offset));
  // A file that lost its end is filled up to its mark, but not beyond what a segment can be.
  if (mark.position > std::max(*bytes, options_.segment_bytes_max)) mark = SyncedMark();
  absl::StatusOr<RecoveredSegment> recovered =
      RecoverSegment(*file_, Seal(base_offset), first_position_, mark, options_.index_interval_bytes, visitor.on_batch);
  if (!recovered.ok()) return recovered.status();
  extent_ = recovered->extent;
  // A segment without records goes on at the time of the one before it; its header's is never older.
  if (extent_.record_count == 0) extent_.last_append_time = std::max(extent_.last_append_time, header->create_time);
  if (recovered->torn_bytes > 0) {
    status = CutTornTail(base_offset, recovered->torn_bytes);
    if (!status.ok()) return status;
  }
  const int64_t lost = extent_.next_offset - base_offset - extent_.record_count;
  LOG_IF(ERROR, lost > 0) << "stored events are damaged: " << lost << " of those in " << path
                          << "; readers get a gap in their place";
  LOG_IF(ERROR, recovered->is_damaged) << "changes of cursors, settings or the start may be lost in " << path
                                       << ": they are as they were before";
  // What a killed process wrote and did not sync is made durable before it is served.
  status = WriteAgain(recovered->unsynced_position, extent_.end_position);
  if (status.ok()) status = file_->Sync();
  // And its name: the process may have been killed between the renaming of the segment and the sync of the folder.
  if (status.ok()) status = file_system_.SyncDirectory(directory_);
  if (!status.ok()) return status;
  active_ = std::make_shared<Segment>(Place(base_offset), file_, first_position_, std::move(recovered->index), extent_);
  synced_offset_ = extent_.next_offset;
  Close();
  return absl::OkStatus();
}

absl::Status SegmentedLog::WriteAgain(int64_t position, int64_t end) {
  std::string bytes;
  while (position < end) {
    bytes.resize(static_cast<size_t>(std::min(end - position, kCopyBytes)));
    const absl::StatusOr<size_t> count = file_->Read(position, bytes.size(), bytes.data());
    if (!count.ok()) return count.status();
    const absl::Status written = file_->Write(position, {absl::string_view(bytes).substr(0, *count)});
    if (!written.ok()) return written;
    if (*count < bytes.size()) break;
    position += static_cast<int64_t>(*count);
  }
  return absl::OkStatus();
}

void SegmentedLog::Close() {
  if (!failure_.ok()) return;
  const absl::Status marked = WriteSyncedMark(file_system_, directory_, Seal(active_->base_offset()),
                                              {extent_.end_position, extent_.next_offset});
  LOG_IF(WARNING, !marked.ok()) << "damage to the last group of " << directory_ << " may not be noticed: " << marked;
}

absl::Status SegmentedLog::CutTornTail(int64_t base_offset, int64_t bytes) {
  std::string aside;
  int repeat = 0;
  do {
    aside = absl::StrCat(directory_, "/", TornTailFileName(base_offset, extent_.end_position, repeat++));
  } while (file_system_.FileSize(aside).ok());
  LOG(WARNING) << "cutting " << bytes << " bytes that no append can count on off " << Path(base_offset, kSegmentSuffix)
               << "; they are kept in " << aside;
  std::string tail(static_cast<size_t>(bytes), '\0');
  const absl::StatusOr<size_t> count = file_->Read(extent_.end_position, tail.size(), tail.data());
  if (!count.ok()) return count.status();
  tail.resize(*count);
  const absl::Status kept = KeepAside(aside, tail);
  // A full disk must not keep the log from opening: reads go on, and appends say what is wrong.
  LOG_IF(WARNING, !kept.ok()) << "the cut bytes could not be kept: " << kept;
  if (!kept.ok() && !absl::IsResourceExhausted(kept)) return kept;
  absl::Status status = file_->Truncate(extent_.end_position);
  if (!status.ok()) return status;
  status = file_->Allocate(std::max(extent_.end_position, options_.segment_bytes_max) + kStateReserveBytes);
  return absl::IsResourceExhausted(status) ? absl::OkStatus() : status;
}

absl::Status SegmentedLog::KeepAside(const std::string& path, absl::string_view bytes) {
  const absl::StatusOr<std::unique_ptr<File>> copy = file_system_.Open(path, OpenMode::kCreate);
  if (!copy.ok()) return copy.status();
  absl::Status status = (*copy)->Write(0, {bytes});
  if (status.ok()) status = (*copy)->Sync();
  return status.ok() ? file_system_.SyncDirectory(directory_) : status;
}

absl::Status SegmentedLog::AddClosed(const std::vector<int64_t>& closed) {
  for (const int64_t base : closed) {
    const absl::StatusOr<int64_t> bytes = file_system_.FileSize(Path(base, kSegmentSuffix));
    if (!bytes.ok()) return bytes.status();
    list_.AddClosed(std::make_shared<Segment>(Place(base), options_.index_interval_bytes), *bytes);
  }
  list_.AddActive(active_, extent_.end_position);
  const SegmentList::Snapshot now = list_.Get();
  const int64_t start = now.segments->front()->base_offset();
  const int64_t record_count = active_->base_offset() - start + extent_.record_count;
  const LogBounds bounds{start, extent_.next_offset};
  list_.SetContent(bounds, record_count, std::nullopt, std::nullopt);
  if (record_count == 0) return absl::OkStatus();
  // The last batch may be one of state: the newest record says its own time, where it can be read.
  const absl::StatusOr<RecordPage> last = Read({bounds.head_offset, Direction::kBackward, 1, 1});
  const bool is_known = last.ok() && !last->empty();
  const absl::Time newest = is_known ? last->runs.back().append_time : extent_.last_append_time;
  list_.SetContent(bounds, record_count, OldestTime(*now.segments), newest);
  return absl::OkStatus();
}

std::optional<absl::Time> SegmentedLog::OldestTime(const SegmentList::Segments& segments) {
  for (const std::shared_ptr<Segment>& segment : segments) {
    const absl::StatusOr<absl::Time> first = segment->FirstAppendTime();
    LOG_IF(WARNING, !first.ok()) << first.status();
    if (first.ok() && *first < absl::InfiniteFuture()) return *first;
  }
  return std::nullopt;
}

absl::Status SegmentedLog::CreateSegment(int64_t base_offset, absl::string_view state, absl::Time last_append_time) {
  const std::string unfinished = Path(base_offset, kUnfinishedSuffix);
  // A clock that jumped back must not make append times fall after a restart.
  const SegmentHeader header{base_offset, epoch_, std::max(options_.clock(), last_append_time), salt_,
                             std::string(state)};
  absl::StatusOr<std::unique_ptr<File>> file = file_system_.Open(unfinished, OpenMode::kCreate);
  if (!file.ok()) return file.status();
  absl::Status status = (*file)->Allocate(std::max(options_.segment_bytes_max, header.size()) + kStateReserveBytes);
  if (status.ok()) status = (*file)->Write(0, {EncodeSegmentHeader(header)});
  if (status.ok()) status = (*file)->Sync();
  if (!status.ok()) {
    const absl::Status removed = file_system_.Remove(unfinished);
    LOG_IF(WARNING, !removed.ok()) << removed;
    return status;
  }
  status = file_system_.Rename(unfinished, Path(base_offset, kSegmentSuffix));
  if (status.ok()) status = file_system_.SyncDirectory(directory_);
  // From here on the new name may be there after a crash: the segment before it must not grow any more.
  if (!status.ok()) return Error(absl::StatusCode::kUnavailable, "STORAGE_FAILED", status.message());
  // By the name that it has now, so that its errors say that one.
  auto renamed = file_system_.Open(Path(base_offset, kSegmentSuffix), OpenMode::kReadWrite);
  file_ = renamed.ok() ? *std::move(renamed) : *std::move(file);
  first_position_ = header.size();
  extent_ = {first_position_, base_offset, 0, last_append_time};
  active_ = std::make_shared<Segment>(Place(base_offset), file_, first_position_,
                                      SegmentIndex(options_.index_interval_bytes), extent_);
  return absl::OkStatus();
}

absl::Status SegmentedLog::Poison(absl::Status status) {
  if (failure_.ok()) {
    failure_ = std::move(status);
    LOG(ERROR) << "the log in " << directory_ << " takes no more appends until a restart: " << failure_;
  }
  return failure_;
}

bool SegmentedLog::WantsRoll(size_t group_bytes, int64_t segment_bytes_max) const {
  const int64_t end = extent_.end_position + static_cast<int64_t>(group_bytes);
  // The asked limit is one of batches: a large state in the header must not make a segment of each group.
  return extent_.end_position > first_position_ &&
         (end > options_.segment_bytes_max || (segment_bytes_max > 0 && end - first_position_ > segment_bytes_max));
}

absl::Status SegmentedLog::Roll(absl::string_view state) {
  if (!failure_.ok()) return failure_;
  if (extent_.next_offset == active_->base_offset()) return ReplaceEmpty(state);
  const std::shared_ptr<Segment> closed = active_;
  const std::shared_ptr<File> closed_file = file_;
  const int64_t closed_bytes = extent_.end_position;
  const absl::Status created = CreateSegment(extent_.next_offset, state, extent_.last_append_time);
  if (absl::IsResourceExhausted(created)) return created;
  if (!created.ok()) return Poison(created);
  list_.CloseActive(closed_bytes);
  list_.AddActive(active_, first_position_);
  TidyClosed(*closed, *closed_file, closed_bytes);
  // All that the closed one holds may be trimmed already.
  if (list_.size().bounds.start_offset == extent_.next_offset) {
    for (const int64_t base_offset : list_.Trim(extent_.next_offset, 0)) RemoveSegment(base_offset);
  }
  return absl::OkStatus();
}

// For tidiness and speed: recovery does without.
void SegmentedLog::TidyClosed(const Segment& closed, File& file, int64_t bytes) {
  absl::Status tidied = file.Truncate(bytes);
  if (tidied.ok()) tidied = closed.StoreIndex();
  LOG_IF(WARNING, !tidied.ok()) << "closing a segment: " << tidied;
  closed.CloseFile();
  const std::string mark = Path(closed.base_offset(), kSyncedSuffix);
  if (file_system_.FileSize(mark).ok()) tidied = file_system_.Remove(mark);
  LOG_IF(WARNING, !tidied.ok()) << "closing a segment: " << tidied;
}

absl::Status SegmentedLog::ReplaceEmpty(absl::string_view state) {
  // The mark tells of the file that goes: the one in its place must not be held against it.
  absl::Status status = RemoveSyncedMark(file_system_, directory_, Seal(active_->base_offset()));
  if (!status.ok()) return Poison(status);
  const int64_t replaced_bytes = extent_.end_position;
  status = CreateSegment(extent_.next_offset, state, extent_.last_append_time);
  if (absl::IsResourceExhausted(status)) return status;
  if (!status.ok()) return Poison(status);
  list_.ReplaceActive(replaced_bytes, active_, first_position_);
  return absl::OkStatus();
}

bool SegmentedLog::HoldsMuch() const { return extent_.end_position - first_position_ >= kMuchBytes; }

void SegmentedLog::Trim(int64_t start_offset) {
  const LogBounds bounds = list_.size().bounds;
  start_offset = std::min(start_offset, bounds.head_offset);
  if (start_offset <= bounds.start_offset) return;
  for (const int64_t base_offset : list_.Trim(start_offset, extent_.record_count)) RemoveSegment(base_offset);
  const std::optional<absl::Time> oldest =
      AppendTimeFrom([this](const ReadOptions& options) { return Read(options); }, start_offset);
  LOG_IF(WARNING, !oldest.has_value() && start_offset < bounds.head_offset)
      << "the age of " << directory_ << " is not known: its oldest records cannot be read";
  list_.SetOldest(oldest);
}

void SegmentedLog::BeginAt(int64_t start_offset) {
  Trim(start_offset);
  const int64_t found = list_.size().bounds.start_offset;
  LOG_IF(ERROR, start_offset < found) << "no segment in " << directory_ << " holds the offsets before " << found;
  list_.SetStart(start_offset);
}

void SegmentedLog::RemoveSegment(int64_t base_offset) {
  for (const absl::string_view suffix : {kIndexSuffix, kSegmentSuffix}) {
    const std::string path = Path(base_offset, suffix);
    if (suffix == kIndexSuffix && !file_system_.FileSize(path).ok()) continue;
    const absl::Status removed = file_system_.Remove(path);
    LOG_IF(WARNING, !removed.ok()) << "removing a trimmed segment: " << removed;
  }
}

absl::Status SegmentedLog::Append(absl::Span<EncodedBatch> batches) {
  if (!failure_.ok()) return failure_;
  std::vector<absl::string_view> parts;
  parts.reserve(batches.size());
  int64_t position = extent_.end_position;
  for (EncodedBatch& batch : batches) {
    SealBatch(Seal(active_->base_offset()), position, batch.bytes);
    position += static_cast<int64_t>(batch.bytes.size());
    parts.push_back(batch.bytes);
  }
  absl::Status status = file_->Write(extent_.end_position, parts);
  if (absl::IsResourceExhausted(status)) {
    // Part of the group may be there: it must not be found by a later recovery.
    const absl::Status cut = file_->Truncate(extent_.end_position);
    if (!cut.ok()) return Poison(cut);
    return status;
  }
  if (!status.ok()) return Poison(status);
  for (const EncodedBatch& batch : batches) {
    unpublished_.emplace_back(batch.header, extent_.end_position);
    extent_.end_position += static_cast<int64_t>(batch.bytes.size());
    extent_.next_offset = batch.header.next_offset();
    extent_.record_count += batch.header.count;
    extent_.last_append_time = batch.header.append_time;
  }
  return absl::OkStatus();
}

absl::Status SegmentedLog::Sync() {
  if (!failure_.ok()) return failure_;
  absl::Status status = file_->Sync();
  if (!status.ok()) return Poison(std::move(status));
  synced_offset_ = extent_.next_offset;
  return status;
}

void SegmentedLog::Publish() {
  active_->Publish(extent_, unpublished_);
  std::vector<BatchHeader> headers;
  headers.reserve(unpublished_.size());
  for (auto& [header, position] : unpublished_) headers.push_back(std::move(header));
  list_.Publish(headers, extent_.next_offset);
  unpublished_.clear();
}

absl::StatusOr<RecordPage> SegmentedLog::Read(const ReadOptions& options) const {
  absl::StatusOr<RecordPage> page = list_.Find(
      [&](const SegmentList::Snapshot& seen) { return SegmentReader(*seen.segments, seen.size.bounds).Read(options); });
  if (page.ok() && page->gap.has_value() && page->gap->reason == GapReason::kCorrupt) {
    LOG_EVERY_N(ERROR, 100) << "stored events are damaged: offsets " << page->gap->start_offset << " to "
                            << page->gap->next_offset - 1 << " in " << directory_;
  }
  return page;
}

std::vector<StoredSegment> SegmentedLog::stored_segments() const {
  const SegmentList::Snapshot seen = list_.Get();
  std::vector<StoredSegment> stored;
  stored.reserve(seen.segments->size());
  for (const std::shared_ptr<Segment>& segment : *seen.segments) {
    const int64_t base = segment->base_offset();
    const bool is_active = segment == seen.segments->back();
    // One that is closed meanwhile gets an index, of more than was published when it was opened.
    const auto open = [segment, is_active] {
      absl::StatusOr<StoredContent> content = segment->OpenContent();
      if (content.ok() && is_active) content->index = nullptr;
      return content;
    };
    stored.push_back({SegmentFileName(base, kSegmentSuffix), base, is_active, open});
  }
  return stored;
}

absl::StatusOr<int64_t> SegmentedLog::OffsetAt(absl::Time time) const {
  return list_.Find([time](const SegmentList::Snapshot& seen) {
    return SegmentReader(*seen.segments, seen.size.bounds).OffsetAt(time);
  });
}

}  // namespace eventlog
