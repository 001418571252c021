#include "eventlog-svc/engine/memory/memory_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/storage/page_builder.h"
#include "eventlog-svc/storage/segment_format.h"

namespace eventlog {
namespace {

absl::string_view Records(const EncodedBatch& batch) {
  const size_t id_bytes = batch.header.producer.has_value() ? batch.header.producer->id.size() : 0;
  return absl::string_view(batch.bytes).substr(kBatchHeaderBytes + id_bytes);
}

}  // namespace

absl::Status MemoryStore::Append(absl::Span<EncodedBatch> batches) {
  for (const EncodedBatch& batch : batches) {
    // The state is its owner's: it need not be found again.
    if (batch.header.count > 0) unpublished_.push_back(batch);
    next_offset_ = batch.header.next_offset();
    last_append_time_ = batch.header.append_time;
  }
  return absl::OkStatus();
}

void MemoryStore::Publish() {
  absl::MutexLock lock(&mutex_);
  for (EncodedBatch& batch : unpublished_) {
    if (!size_.oldest_append_time.has_value()) size_.oldest_append_time = batch.header.append_time;
    size_.newest_append_time = batch.header.append_time;
    size_.record_count += batch.header.count;
    size_.byte_count += batch.header.length;
    batches_.push_back(std::move(batch));
  }
  unpublished_.clear();
  size_.bounds.head_offset = next_offset_;
  while (size_.byte_count > bytes_max_ && batches_.size() > 1) {
    DropFirstLocked();
    size_.bounds.start_offset = std::max(size_.bounds.start_offset, batches_.front().header.base_offset);
    size_.oldest_append_time = batches_.front().header.append_time;
    size_.record_count = next_offset_ - size_.bounds.start_offset;
  }
}

void MemoryStore::DropFirstLocked() {
  size_.byte_count -= batches_.front().header.length;
  batches_.pop_front();
}

void MemoryStore::Trim(int64_t start_offset) {
  absl::MutexLock lock(&mutex_);
  start_offset = std::min(start_offset, size_.bounds.head_offset);
  if (start_offset <= size_.bounds.start_offset) return;
  while (!batches_.empty() && batches_.front().header.next_offset() <= start_offset) DropFirstLocked();
  size_.bounds.start_offset = start_offset;
  size_.record_count = size_.bounds.head_offset - start_offset;
  if (batches_.empty()) {
    size_.oldest_append_time.reset();
    size_.newest_append_time.reset();
  } else {
    size_.oldest_append_time = batches_.front().header.append_time;
  }
}

int64_t MemoryStore::StartForBytes(int64_t bytes_max) const {
  absl::MutexLock lock(&mutex_);
  int64_t bytes = size_.byte_count, start_offset = size_.bounds.start_offset;
  for (size_t i = 0; i + 1 < batches_.size() && bytes > bytes_max; ++i) {
    bytes -= batches_[i].header.length;
    start_offset = std::max(start_offset, batches_[i + 1].header.base_offset);
  }
  return start_offset;
}

size_t MemoryStore::FindLocked(int64_t offset) const {
  const auto after =
      std::upper_bound(batches_.begin(), batches_.end(), offset,
                       [](int64_t wanted, const EncodedBatch& batch) { return wanted < batch.header.base_offset; });
  return after == batches_.begin() ? 0 : static_cast<size_t>(after - batches_.begin()) - 1;
}

absl::StatusOr<RecordPage> MemoryStore::Read(const ReadOptions& options) const {
  absl::MutexLock lock(&mutex_);
  const LogBounds& bounds = size_.bounds;
  absl::Status in_bounds = CheckInBounds(options.from, bounds);
  if (!in_bounds.ok()) return in_bounds;
  return options.direction == Direction::kForward ? ReadForwardLocked(options) : ReadBackwardLocked(options);
}

RecordPage MemoryStore::ReadForwardLocked(const ReadOptions& options) const {
  PageBuilder builder(options, options.from, size_.bounds.head_offset);
  if (options.from < size_.bounds.start_offset) {
    RecordPage page;
    page.gap = Gap{options.from, size_.bounds.start_offset, GapReason::kTrimmed};
    page.next_offset = size_.bounds.start_offset;
    return page;
  }
  for (size_t i = FindLocked(options.from); i < batches_.size(); ++i) {
    const BatchHeader& header = batches_[i].header;
    if (builder.Add(Records(batches_[i]), header.base_offset, header.next_offset(), header.append_time) ==
        PageBuilder::Progress::kFull) {
      break;
    }
  }
  return builder.Finish(builder.next());
}

RecordPage MemoryStore::ReadBackwardLocked(const ReadOptions& options) const {
  RecordPage page;
  page.next_offset = options.from;
  if (options.from <= size_.bounds.start_offset) return page;
  const EncodedBatch& batch = batches_[FindLocked(options.from - 1)];
  ReadOptions all = options;
  all.records_max = batch.header.count;
  all.bytes_max = batch.bytes.size();
  const int64_t first = std::max(batch.header.base_offset, size_.bounds.start_offset);
  PageBuilder builder(all, first, options.from);
  builder.Add(Records(batch), batch.header.base_offset, batch.header.next_offset(), batch.header.append_time);
  page = builder.Finish(builder.next());
  KeepTail(options, page);
  return page;
}

absl::StatusOr<int64_t> MemoryStore::OffsetAt(absl::Time time) const {
  absl::MutexLock lock(&mutex_);
  const auto at =
      std::lower_bound(batches_.begin(), batches_.end(), time,
                       [](const EncodedBatch& batch, absl::Time wanted) { return batch.header.append_time < wanted; });
  if (at == batches_.end()) return size_.bounds.head_offset;
  return std::max(at->header.base_offset, size_.bounds.start_offset);
}

LogSize MemoryStore::size() const {
  absl::MutexLock lock(&mutex_);
  return size_;
}

}  // namespace eventlog
