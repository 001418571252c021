#include "eventlog-svc/storage/segment_recovery.h"

#include <algorithm>

#include "eventlog-svc/storage/batch_scanner.h"

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
    const size_t last = absl::string_view(chunk).substr(0, *count).find_last_not_of('\0');
    if (last != absl::string_view::npos) used = at + static_cast<int64_t>(last) + 1 - position;
    at += static_cast<int64_t>(*count);
  }
  return used;
}

// Whether a whole batch behind the scanner's damage proves that what stood there had been synced.
absl::StatusOr<bool> WasSynced(const File& file, int64_t position, int64_t end, int64_t offset) {
  BatchScanner scanner(file, position, end);
  while (true) {
    const absl::StatusOr<bool> more = scanner.SkipDamage();
    if (!more.ok() || !*more) return more;
    absl::StatusOr<BatchScanner::Step> step = scanner.Next();
    for (; step.ok() && *step == BatchScanner::Step::kBatch; step = scanner.Next()) {
      if (scanner.header().synced_offset > offset) return true;
    }
    if (!step.ok()) return step.status();
    if (*step == BatchScanner::Step::kEnd) return false;
  }
}

}  // namespace

absl::StatusOr<RecoveredSegment> RecoverSegment(const File& file, int64_t base_offset, int64_t first_position,
                                                int64_t index_interval_bytes,
                                                const std::function<void(const BatchHeader&)>& on_batch) {
  const absl::StatusOr<int64_t> file_bytes = file.Size();
  if (!file_bytes.ok()) return file_bytes.status();
  RecoveredSegment recovered{SegmentIndex(index_interval_bytes), {first_position, base_offset, 0, absl::UnixEpoch()}};
  SegmentExtent& extent = recovered.extent;
  BatchScanner scanner(file, first_position, *file_bytes);
  while (true) {
    const absl::StatusOr<BatchScanner::Step> step = scanner.Next();
    if (!step.ok()) return step.status();
    if (*step == BatchScanner::Step::kEnd) return recovered;
    if (*step == BatchScanner::Step::kBad) {
      const absl::StatusOr<bool> synced = WasSynced(file, scanner.position(), *file_bytes, extent.next_offset);
      if (!synced.ok()) return synced.status();
      if (!*synced) {
        const absl::StatusOr<int64_t> torn = UsedBytes(file, extent.end_position, *file_bytes);
        if (!torn.ok()) return torn.status();
        recovered.torn_bytes = *torn;
        return recovered;
      }
      const absl::StatusOr<bool> more = scanner.SkipDamage();
      if (!more.ok()) return more.status();
      continue;
    }
    on_batch(scanner.header());
    recovered.index.Add(scanner.header(), scanner.batch_position());
    extent.end_position = scanner.position();
    extent.next_offset = scanner.header().next_offset();
    extent.record_count += scanner.header().count;
    extent.last_append_time = scanner.header().append_time;
  }
}

}  // namespace eventlog
