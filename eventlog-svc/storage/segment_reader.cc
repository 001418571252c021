#include "eventlog-svc/storage/segment_reader.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "eventlog-svc/storage/batch_scanner.h"
#include "eventlog-svc/storage/page_builder.h"

namespace eventlog {
namespace {

// What one read of the disk asks for. Small enough to lie in the processor's cache until it is looked at.
constexpr size_t kChunkBytes = 64 * 1024;
// And the least: before the page begins, where only headers are wanted, and when the page takes only little more. A few
// bytes at a time would be many reads where damage or zeros are passed over.
constexpr size_t kChunkBytesMin = 4 * 1024;

// Passes over the batches below `offset`. Returns false where their headers lead to no batch.
absl::StatusOr<bool> SkipTo(int64_t offset, BatchScanner& scanner) {
  scanner.SetChunk(kChunkBytesMin);
  while (true) {
    const absl::StatusOr<const BatchHeader*> batch = scanner.Peek();
    if (!batch.ok()) return batch.status();
    if (*batch == nullptr) return false;
    if ((*batch)->next_offset() > offset) return true;
    scanner.Skip();
  }
}

// Whether the page ends before the next batch, as far as that one's header says: then its records are not read.
absl::StatusOr<bool> EndsBeforeNext(const PageBuilder& builder, BatchScanner& scanner) {
  if (builder.empty()) return false;
  if (builder.full()) return true;
  const absl::StatusOr<const BatchHeader*> batch = scanner.Peek();
  if (!batch.ok()) return batch.status();
  return *batch != nullptr && (*batch)->base_offset == builder.next() &&
         builder.EndsBefore((*batch)->count, (*batch)->record_bytes);
}

}  // namespace

size_t SegmentReader::FindSegment(int64_t offset) const {
  const auto after = std::upper_bound(
      segments_.begin(), segments_.end(), offset,
      [](int64_t wanted, const std::shared_ptr<Segment>& segment) { return wanted < segment->base_offset(); });
  return after == segments_.begin() ? 0 : static_cast<size_t>(after - segments_.begin()) - 1;
}

absl::StatusOr<RecordPage> SegmentReader::Read(const ReadOptions& options) const {
  const absl::Status in_bounds = CheckInBounds(options.from, bounds_);
  if (!in_bounds.ok()) return in_bounds;
  if (options.direction == Direction::kBackward) return ReadBackward(options);
  if (options.from < bounds_.start_offset) {
    RecordPage page;
    page.gap = Gap{options.from, bounds_.start_offset, GapReason::kTrimmed};
    page.next_offset = bounds_.start_offset;
    return page;
  }
  return ReadForward(options);
}

absl::StatusOr<RecordPage> SegmentReader::ReadForward(const ReadOptions& options) const {
  PageBuilder builder(options, options.from, bounds_.head_offset);
  if (options.from >= bounds_.head_offset) return builder.Finish(options.from);
  for (size_t i = FindSegment(options.from); i < segments_.size(); ++i) {
    const absl::StatusOr<Segment::Range> range = segments_[i]->RangeFrom(builder.next());
    if (!range.ok()) return range.status();
    // Offsets from here on are not this segment's, whatever it holds.
    const int64_t end = i + 1 < segments_.size() ? segments_[i + 1]->base_offset() : bounds_.head_offset;
    std::optional<BatchScanner> scanner(std::in_place, *range->file, range->seal, range->scan);
    const absl::StatusOr<bool> skipped = SkipTo(builder.next(), *scanner);
    if (!skipped.ok()) return skipped.status();
    // A whole header need not be that of the batch behind it: a disk that loses a write shows an older one.
    if (!*skipped) scanner.emplace(*range->file, range->seal, range->scan);
    while (true) {
      scanner->SetChunk(std::clamp(builder.bytes_left(), kChunkBytesMin, kChunkBytes));
      const absl::StatusOr<bool> full = EndsBeforeNext(builder, *scanner);
      if (!full.ok()) return full.status();
      if (*full) return builder.Finish(builder.next());
      const absl::StatusOr<BatchScanner::Step> step = scanner->Next();
      if (!step.ok()) return step.status();
      if (*step == BatchScanner::Step::kEnd) break;
      if (*step == BatchScanner::Step::kBad) {
        const absl::StatusOr<bool> more = scanner->SkipDamage();
        if (!more.ok()) return more.status();
        continue;
      }
      const BatchHeader& batch = scanner->header();
      if (batch.base_offset >= end) break;
      const int64_t batch_end = std::min(batch.next_offset(), end);
      // Not for what lies before the page: the room would be kept as long as the page.
      if (batch_end > builder.next()) builder.Expect(static_cast<size_t>(range->scan.end - scanner->batch_position()));
      const PageBuilder::Progress progress =
          builder.Add(scanner->records(), batch.base_offset, batch.next_offset(), batch.append_time, end);
      if (progress == PageBuilder::Progress::kFull) return builder.Finish(builder.next());
      if (progress == PageBuilder::Progress::kDamaged) return builder.Finish(batch_end);
    }
    // What the segment should have had, and has not, is a gap; so are batches lost at its end.
    if (!builder.empty() || builder.next() < end) return builder.Finish(end);
  }
  return builder.Finish(bounds_.head_offset);
}

absl::StatusOr<RecordPage> SegmentReader::ReadBackward(const ReadOptions& options) const {
  RecordPage page;
  page.next_offset = options.from;
  if (options.from <= bounds_.start_offset) return page;
  if (options.from <= segments_.front()->base_offset()) {
    page.gap = Gap{bounds_.start_offset, options.from, GapReason::kCorrupt};
    page.next_offset = bounds_.start_offset;
    return page;
  }
  const absl::StatusOr<Segment::Range> range = segments_[FindSegment(options.from - 1)]->RangeFrom(options.from - 1);
  if (!range.ok()) return range.status();
  // One stretch of the index: its last records up to `from`, behind the last hole in it.
  ReadOptions all = options;
  all.records_max = std::numeric_limits<int64_t>::max();
  all.bytes_max = std::numeric_limits<size_t>::max();
  int64_t reached = std::max(range->scan.offset, bounds_.start_offset);
  std::optional<PageBuilder> builder(std::in_place, all, reached, options.from);
  BatchScanner scanner(*range->file, range->seal, range->scan, kChunkBytes);
  while (reached < options.from) {
    const absl::StatusOr<BatchScanner::Step> step = scanner.Next();
    if (!step.ok()) return step.status();
    if (*step == BatchScanner::Step::kEnd) break;
    if (*step == BatchScanner::Step::kBad) {
      const absl::StatusOr<bool> more = scanner.SkipDamage();
      if (!more.ok()) return more.status();
      continue;
    }
    const BatchHeader& batch = scanner.header();
    if (batch.base_offset >= options.from) break;
    if (batch.base_offset > builder->next()) builder.emplace(all, batch.base_offset, options.from);
    const PageBuilder::Progress progress =
        builder->Add(scanner.records(), batch.base_offset, batch.next_offset(), batch.append_time);
    reached = std::max(reached, builder->next());
    if (progress == PageBuilder::Progress::kDamaged) {
      if (batch.next_offset() >= options.from) break;
      builder.emplace(all, batch.next_offset(), options.from);
    }
  }
  if (reached < options.from) {
    page.gap = Gap{reached, options.from, GapReason::kCorrupt};
    page.next_offset = reached;
    return page;
  }
  page = builder->Finish(reached);
  KeepTail(options, page);
  return page;
}

absl::StatusOr<int64_t> SegmentReader::OffsetAt(absl::Time time) const {
  // The last segment whose first indexed batch is before `time` holds the answer, or the next one begins with it.
  size_t low = 0, high = segments_.size();
  while (high - low > 1) {
    const size_t middle = low + (high - low) / 2;
    const absl::StatusOr<absl::Time> first = segments_[middle]->FirstAppendTime();
    if (!first.ok()) return first.status();
    (*first < time ? low : high) = middle;
  }
  for (size_t i = low; i < segments_.size(); ++i) {
    const absl::StatusOr<Segment::Range> range = segments_[i]->RangeBefore(time);
    if (!range.ok()) return range.status();
    BatchScanner scanner(*range->file, range->seal, range->scan);
    while (true) {
      const absl::StatusOr<BatchScanner::Step> step = scanner.Next();
      if (!step.ok()) return step.status();
      if (*step == BatchScanner::Step::kEnd) break;
      if (*step == BatchScanner::Step::kBad) {
        const absl::StatusOr<bool> more = scanner.SkipDamage();
        if (!more.ok()) return more.status();
      } else if (scanner.header().append_time >= time) {
        return std::clamp(scanner.header().base_offset, bounds_.start_offset, bounds_.head_offset);
      }
    }
  }
  return bounds_.head_offset;
}

}  // namespace eventlog
