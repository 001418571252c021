#include "eventlog-svc/storage/segment_recovery.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include "eventlog-svc/storage/batch_scanner.h"
#include "eventlog-svc/storage/segment_format.h"
#include "eventlog-svc/storage/zero_bytes.h"

namespace eventlog {
namespace {

constexpr size_t kChunkBytes = 256 * 1024;

// How many bytes from `position` on there are up to the last one that is not zero.
absl::StatusOr<int64_t> UsedBytes(const File& file, int64_t position, int64_t end) {
  int64_t used = 0;
  std::string chunk(kChunkBytes, '\0');
  for (int64_t at = position; at < end;) {
    const absl::StatusOr<size_t> count = file.Read(at, chunk.size(), chunk.data());
    if (!count.ok()) return count.status();
    if (*count == 0) break;
    const size_t size = UsedSize(absl::string_view(chunk).substr(0, *count));
    if (size > 0) used = at + static_cast<int64_t>(size) - position;
    at += static_cast<int64_t>(*count);
  }
  return used;
}

// Whether a whole batch behind the damage at `range` proves that what stood there had been synced.
absl::StatusOr<bool> WasSynced(const File& file, const BatchSeal& seal, const BatchScanner::Range& range) {
  BatchScanner scanner(file, seal, range);
  while (true) {
    const absl::StatusOr<bool> more = scanner.SkipDamage();
    if (!more.ok() || !*more) return more;
    absl::StatusOr<BatchScanner::Step> step = scanner.Next();
    for (; step.ok() && *step == BatchScanner::Step::kBatch; step = scanner.Next()) {
      const BatchHeader& header = scanner.header();
      // Nothing is missing before it: what is damaged was a state batch, and this one was written after its sync.
      if (header.synced_offset > range.offset || header.base_offset == range.offset) return true;
    }
    if (!step.ok()) return step.status();
    if (*step == BatchScanner::Step::kEnd) return false;
  }
}

// The batches of which nothing says that they were synced: a run at the end, of one group as a rule.
class UnsyncedRun {
 public:
  void Add(const BatchHeader& header, int64_t position) {
    while (!batches_.empty() && batches_.front().base_offset < header.synced_offset) batches_.pop_front();
    batches_.push_back({header.base_offset, position});
  }
  // Where it begins; `end` when there is none behind `synced`.
  int64_t position(int64_t synced, int64_t end) const {
    for (const Batch& batch : batches_) {
      if (batch.position >= synced) return batch.position;
    }
    return end;
  }

 private:
  struct Batch {
    int64_t base_offset;
    int64_t position;
  };
  std::deque<Batch> batches_;
};

}  // namespace

absl::StatusOr<RecoveredSegment> RecoverSegment(
    const File& file, const BatchSeal& seal, int64_t first_position, const SyncedMark& mark,
    int64_t index_interval_bytes, const std::function<absl::Status(const BatchHeader&, absl::string_view)>& on_batch) {
  const absl::StatusOr<int64_t> file_bytes = file.Size();
  if (!file_bytes.ok()) return file_bytes.status();
  RecoveredSegment recovered{SegmentIndex(index_interval_bytes),
                             {first_position, seal.segment_offset, 0, absl::UnixEpoch()}};
  SegmentExtent& extent = recovered.extent;
  UnsyncedRun unsynced;
  std::optional<BatchScanner> scanner(std::in_place, file, seal,
                                      BatchScanner::Range{first_position, seal.segment_offset, *file_bytes});
  while (true) {
    const absl::StatusOr<BatchScanner::Step> step = scanner->Next();
    if (!step.ok()) return step.status();
    if (*step == BatchScanner::Step::kBatch) {
      const BatchHeader& header = scanner->header();
      const absl::Status taken = on_batch(header, scanner->records());
      if (!taken.ok()) return taken;
      recovered.index.Add(header, scanner->batch_position());
      unsynced.Add(header, scanner->batch_position());
      extent = {scanner->position(), header.next_offset(), extent.record_count + header.count, header.append_time};
      continue;
    }
    const int64_t damaged_position = scanner->position();
    bool synced = damaged_position < mark.position;
    if (*step == BatchScanner::Step::kBad) {
      if (!synced) {
        const absl::StatusOr<bool> proved = WasSynced(file, seal, {damaged_position, extent.next_offset, *file_bytes});
        if (!proved.ok()) return proved.status();
        synced = *proved;
      }
      recovered.is_damaged = recovered.is_damaged || synced;
      const bool marked = damaged_position < mark.position;
      const absl::StatusOr<bool> more = synced ? scanner->SkipDamage() : false;
      if (!more.ok()) return more.status();
      // What lies between the mark and a batch behind it may be a torn group: it is looked at for itself.
      if (*more && !(marked && scanner->position() > mark.position)) continue;
    }
    if (!synced) break;
    // All that the mark covers from here on is lost.
    const int64_t lost_max = (mark.position - damaged_position) / kRecordBytesMin;
    extent.next_offset = std::max(extent.next_offset, std::min(mark.next_offset, extent.next_offset + lost_max));
    extent.end_position = mark.position;
    scanner.emplace(file, seal, BatchScanner::Range{extent.end_position, extent.next_offset, *file_bytes});
  }
  const absl::StatusOr<int64_t> torn = UsedBytes(file, extent.end_position, *file_bytes);
  if (!torn.ok()) return torn.status();
  recovered.torn_bytes = *torn;
  recovered.unsynced_position = unsynced.position(mark.position, extent.end_position);
  return recovered;
}

}  // namespace eventlog
