#include "eventlog-svc/storage/batch_scanner.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "eventlog-svc/storage/segment_format.h"
#include "eventlog-svc/storage/zero_bytes.h"

namespace eventlog {

BatchScanner::BatchScanner(const File& file, const BatchSeal& seal, const Range& range, size_t chunk_bytes)
    : file_(file),
      seal_(seal),
      end_(range.end),
      chunk_bytes_(chunk_bytes),
      position_(range.position),
      next_offset_(range.offset),
      sound_position_(range.position),
      buffer_position_(range.position) {}

absl::StatusOr<absl::string_view> BatchScanner::Fill(size_t size) {
  const size_t left = static_cast<size_t>(std::max<int64_t>(0, end_ - position_));
  size = std::min(size, left);
  const int64_t buffer_end = buffer_position_ + static_cast<int64_t>(buffer_size_);
  if (position_ < buffer_position_ || position_ + static_cast<int64_t>(size) > buffer_end) {
    const size_t wanted = std::min(left, std::max(size, chunk_bytes_));
    KeepFromPosition(wanted);
    const absl::StatusOr<size_t> count =
        file_.Read(position_ + static_cast<int64_t>(buffer_size_), wanted - buffer_size_, buffer_.get() + buffer_size_);
    if (!count.ok()) return count.status();
    buffer_size_ += *count;
  }
  return absl::string_view(buffer_.get(), buffer_size_).substr(static_cast<size_t>(position_ - buffer_position_));
}

void BatchScanner::KeepFromPosition(size_t capacity) {
  const int64_t buffer_end = buffer_position_ + static_cast<int64_t>(buffer_size_);
  const bool in_buffer = position_ >= buffer_position_ && position_ < buffer_end;
  const size_t kept = in_buffer ? static_cast<size_t>(buffer_end - position_) : 0;
  const char* const from = buffer_.get() + (buffer_size_ - kept);
  if (capacity > buffer_capacity_) {
    std::unique_ptr<char[]> larger = std::make_unique_for_overwrite<char[]>(capacity);
    if (kept > 0) std::memcpy(larger.get(), from, kept);
    buffer_ = std::move(larger);
    buffer_capacity_ = capacity;
  } else if (kept > 0) {
    std::memmove(buffer_.get(), from, kept);
  }
  buffer_size_ = kept;
  buffer_position_ = position_;
}

absl::StatusOr<bool> BatchScanner::IsHeader(BatchHeader& header) {
  const absl::StatusOr<absl::string_view> bytes = Fill(kBatchHeaderBytes);
  if (!bytes.ok()) return bytes.status();
  // A header of its own checksum, so that one that somebody made up costs no reading of the length that it claims.
  if (!ParseBatchHeader(*bytes, seal_, position_, header) || header.length > end_ - position_) return false;
  const int64_t skipped_records_max = (position_ - sound_position_) / kRecordBytesMin;
  return header.base_offset >= next_offset_ && header.base_offset - next_offset_ <= skipped_records_max;
}

absl::StatusOr<bool> BatchScanner::IsWhole(BatchHeader& header, absl::string_view& records) {
  const absl::StatusOr<absl::string_view> bytes = Fill(header.length);
  if (!bytes.ok()) return bytes.status();
  return DecodeParsedBatch(*bytes, seal_, position_, header, records) == BatchDecoding::kWhole;
}

absl::StatusOr<BatchScanner::Step> BatchScanner::Next() {
  if (position_ >= end_) return Step::kEnd;
  absl::StatusOr<bool> whole = std::exchange(peeked_, false) ? true : IsHeader(header_);
  if (whole.ok() && *whole) whole = IsWhole(header_, records_);
  if (!whole.ok()) return whole.status();
  if (*whole) {
    batch_position_ = position_;
    MoveBehind(header_);
    return Step::kBatch;
  }
  const absl::StatusOr<bool> zeros = OnlyZerosLeft();
  if (!zeros.ok()) return zeros.status();
  return *zeros ? Step::kEnd : Step::kBad;
}

absl::StatusOr<const BatchHeader*> BatchScanner::Peek() {
  if (peeked_) return &header_;
  if (position_ >= end_) return nullptr;
  const absl::StatusOr<bool> header = IsHeader(header_);
  if (!header.ok()) return header.status();
  peeked_ = *header;
  return peeked_ ? &header_ : nullptr;
}

void BatchScanner::Skip() {
  peeked_ = false;
  MoveBehind(header_);
}

void BatchScanner::MoveBehind(const BatchHeader& header) {
  position_ += header.length;
  next_offset_ = header.next_offset();
  sound_position_ = position_;
}

absl::StatusOr<bool> BatchScanner::OnlyZerosLeft() {
  const int64_t begin = position_;
  bool zeros = true;
  while (zeros && position_ < end_) {
    const absl::StatusOr<absl::string_view> bytes = Fill(1);
    if (!bytes.ok()) return bytes.status();
    if (bytes->empty()) break;
    zeros = IsZeros(*bytes);
    position_ += static_cast<int64_t>(bytes->size());
  }
  position_ = begin;
  return zeros;
}

absl::StatusOr<bool> BatchScanner::SkipDamage() {
  char magic[sizeof(kBatchMagic)];
  std::memcpy(magic, &kBatchMagic, sizeof(magic));
  peeked_ = false;
  ++position_;
  while (position_ < end_) {
    absl::StatusOr<absl::string_view> bytes = Fill(sizeof(magic));
    if (!bytes.ok()) return bytes.status();
    if (bytes->size() < sizeof(magic)) break;
    const size_t found = bytes->find(absl::string_view(magic, sizeof(magic)));
    if (found == absl::string_view::npos) {
      position_ += static_cast<int64_t>(bytes->size() - sizeof(magic) + 1);
      continue;
    }
    position_ += static_cast<int64_t>(found);
    BatchHeader header;
    absl::string_view records;
    absl::StatusOr<bool> whole = IsHeader(header);
    if (whole.ok() && *whole) whole = IsWhole(header, records);
    if (!whole.ok() || *whole) return whole;
    ++position_;
  }
  position_ = end_;
  return false;
}

}  // namespace eventlog
