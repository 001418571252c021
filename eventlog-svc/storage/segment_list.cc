#include "eventlog-svc/storage/segment_list.h"

#include <algorithm>
#include <utility>

namespace eventlog {

void SegmentList::AppendLocked(std::shared_ptr<Segment> segment) {
  auto segments = std::make_shared<Segments>(*segments_);
  segments->push_back(std::move(segment));
  segments_ = std::move(segments);
}

void SegmentList::AddClosed(std::shared_ptr<Segment> segment, int64_t bytes) {
  absl::MutexLock lock(&mutex_);
  closed_bytes_[segment->base_offset()] = bytes;
  size_.byte_count += bytes;
  AppendLocked(std::move(segment));
}

void SegmentList::AddActive(std::shared_ptr<Segment> segment, int64_t bytes) {
  absl::MutexLock lock(&mutex_);
  size_.byte_count += bytes;
  AppendLocked(std::move(segment));
}

void SegmentList::SetContent(const LogBounds& bounds, int64_t record_count, std::optional<absl::Time> oldest,
                             std::optional<absl::Time> newest) {
  absl::MutexLock lock(&mutex_);
  size_.bounds = bounds;
  size_.record_count = record_count;
  size_.oldest_append_time = oldest;
  size_.newest_append_time = newest;
}

void SegmentList::CloseActive(int64_t bytes) {
  absl::MutexLock lock(&mutex_);
  closed_bytes_[segments_->back()->base_offset()] = bytes;
}

void SegmentList::ReplaceActive(int64_t replaced_bytes, std::shared_ptr<Segment> segment, int64_t bytes) {
  absl::MutexLock lock(&mutex_);
  auto segments = std::make_shared<Segments>(*segments_);
  segments->back() = std::move(segment);
  segments_ = std::move(segments);
  size_.byte_count += bytes - replaced_bytes;
}

void SegmentList::Publish(absl::Span<const BatchHeader> batches, int64_t head_offset) {
  absl::MutexLock lock(&mutex_);
  for (const BatchHeader& header : batches) {
    size_.byte_count += header.length;
    if (header.count == 0) continue;
    if (!size_.oldest_append_time.has_value()) size_.oldest_append_time = header.append_time;
    size_.newest_append_time = header.append_time;
    size_.record_count += header.count;
  }
  size_.bounds.head_offset = head_offset;
}

std::vector<int64_t> SegmentList::Trim(int64_t start_offset, int64_t active_record_count) {
  std::vector<int64_t> gone;
  absl::MutexLock lock(&mutex_);
  auto segments = std::make_shared<Segments>(*segments_);
  size_t kept = 0;
  while (kept + 1 < segments->size() && (*segments)[kept + 1]->base_offset() <= start_offset) {
    gone.push_back((*segments)[kept++]->base_offset());
    size_.byte_count -= closed_bytes_.at(gone.back());
    closed_bytes_.erase(gone.back());
  }
  segments->erase(segments->begin(), segments->begin() + static_cast<std::ptrdiff_t>(kept));
  size_.bounds.start_offset = start_offset;
  size_.record_count = std::max<int64_t>(0, segments->back()->base_offset() - start_offset + active_record_count);
  if (start_offset == size_.bounds.head_offset) size_.newest_append_time.reset();
  segments_ = std::move(segments);
  return gone;
}

void SegmentList::SetStart(int64_t start_offset) {
  absl::MutexLock lock(&mutex_);
  size_.bounds.start_offset = start_offset;
}

void SegmentList::SetOldest(std::optional<absl::Time> oldest) {
  absl::MutexLock lock(&mutex_);
  size_.oldest_append_time = oldest;
}

SegmentList::Snapshot SegmentList::Get() const {
  absl::MutexLock lock(&mutex_);
  return {segments_, size_};
}

LogSize SegmentList::size() const {
  absl::MutexLock lock(&mutex_);
  return size_;
}

int64_t SegmentList::StartForBytes(int64_t bytes_max) const {
  absl::MutexLock lock(&mutex_);
  int64_t bytes = size_.byte_count, start_offset = size_.bounds.start_offset;
  for (size_t i = 0; i + 1 < segments_->size() && bytes > bytes_max; ++i) {
    bytes -= closed_bytes_.at((*segments_)[i]->base_offset());
    start_offset = std::max(start_offset, (*segments_)[i + 1]->base_offset());
  }
  return start_offset;
}

}  // namespace eventlog
