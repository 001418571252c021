#include "eventlog-svc/storage/page_builder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/storage/record_codec.h"

namespace eventlog {

namespace {

// What is made room for at once: a page of a subscription.
constexpr size_t kRoomBytesMax = 256 * 1024;

}  // namespace

PageBuilder::PageBuilder(const ReadOptions& options, int64_t from, int64_t until) : options_(options), until_(until) {
  page_.next_offset = from;
}

PageBuilder::Progress PageBuilder::Add(absl::string_view run, int64_t base_offset, int64_t next_offset,
                                       absl::Time append_time) {
  if (next_offset <= page_.next_offset) return Progress::kMore;
  if (base_offset >= until_) return Progress::kFull;
  if (base_offset > page_.next_offset) {
    if (!empty()) return Progress::kFull;
    page_.gap = Gap{page_.next_offset, base_offset, GapReason::kCorrupt};
    page_.next_offset = base_offset;
    return Progress::kFull;
  }
  // What is taken of a run lies in one piece.
  Progress progress = Progress::kMore;
  absl::string_view taken;
  RecordView record;
  for (int64_t offset = base_offset; offset < next_offset; ++offset) {
    // Does not happen behind a good checksum, unless what wrote it was wrong: then a scan must not stand still.
    if (!ConsumeRecord(run, record) || record.offset != offset) {
      progress = Progress::kDamaged;
      break;
    }
    if (record.offset < page_.next_offset) continue;
    const size_t position = page_.wire.size() + taken.size();
    const bool full = static_cast<int64_t>(page_.records.size()) >= options_.records_max ||
                      position + record.field.size() > options_.bytes_max;
    if (record.offset >= until_ || (full && !empty())) {
      progress = Progress::kFull;
      break;
    }
    page_.records.push_back({record.offset, append_time, position, record.field.size()});
    taken = {taken.empty() ? record.field.data() : taken.data(), taken.size() + record.field.size()};
    page_.next_offset = record.offset + 1;
  }
  page_.wire.append(taken.data(), taken.size());
  return progress;
}

void PageBuilder::Expect(size_t bytes) {
  if (empty()) page_.wire.reserve(std::min({bytes, options_.bytes_max, kRoomBytesMax}));
}

RecordPage PageBuilder::Finish(int64_t reached) {
  if (empty() && !page_.gap.has_value() && page_.next_offset < reached) {
    page_.gap = Gap{page_.next_offset, reached, GapReason::kCorrupt};
    page_.next_offset = reached;
  }
  return std::move(page_);
}

absl::Status CheckInBounds(int64_t from, const LogBounds& bounds) {
  if (from >= 0 && from <= bounds.head_offset) return absl::OkStatus();
  return Error(absl::StatusCode::kOutOfRange, "OFFSET_OUT_OF_RANGE",
               absl::StrCat("offset ", from, " lies outside of the log, which has [", bounds.start_offset, ", ",
                            bounds.head_offset, ")"),
               {{"offset", absl::StrCat(from)},
                {"start_offset", absl::StrCat(bounds.start_offset)},
                {"head_offset", absl::StrCat(bounds.head_offset)}});
}

void KeepTail(const ReadOptions& options, RecordPage& page) {
  size_t keep = 0, bytes = 0;
  while (keep < page.records.size()) {
    const size_t size = page.records[page.records.size() - 1 - keep].size;
    if (keep > 0 && (static_cast<int64_t>(keep) >= options.records_max || bytes + size > options.bytes_max)) break;
    bytes += size;
    ++keep;
  }
  if (keep == 0) return;
  const size_t dropped = page.records.size() - keep;
  const size_t cut = page.records[dropped].position;
  page.records.erase(page.records.begin(), page.records.begin() + static_cast<std::ptrdiff_t>(dropped));
  page.wire.erase(0, cut);
  for (RecordSpan& span : page.records) span.position -= cut;
  page.next_offset = page.records.front().offset;
}

}  // namespace eventlog
