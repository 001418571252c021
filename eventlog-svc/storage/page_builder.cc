#include "eventlog-svc/storage/page_builder.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/storage/record_codec.h"
#include "eventlog-svc/storage/record_spans.h"

namespace eventlog {

namespace {

// What is made room for at once: a page of a subscription.
constexpr size_t kRoomBytesMax = 256 * 1024;

}  // namespace

PageBuilder::PageBuilder(const ReadOptions& options, int64_t from, int64_t until) : options_(options), until_(until) {
  page_.next_offset = from;
}

PageBuilder::Progress PageBuilder::Add(absl::string_view run, int64_t base_offset, int64_t next_offset,
                                       absl::Time append_time, int64_t end) {
  if (std::min(next_offset, end) <= page_.next_offset) return Progress::kMore;
  if (base_offset >= until_) return Progress::kFull;
  if (base_offset > page_.next_offset) {
    if (!empty()) return Progress::kFull;
    page_.gap = Gap{page_.next_offset, base_offset, GapReason::kCorrupt};
    page_.next_offset = base_offset;
    return Progress::kFull;
  }
  if (next_offset > end || !TakesWhole(run, base_offset, next_offset)) {
    return AddSome(run, base_offset, std::min(next_offset, end), append_time);
  }
  Take(run, base_offset, next_offset - base_offset, append_time);
  return Progress::kMore;
}

bool PageBuilder::EndsBefore(int64_t count, size_t bytes) const {
  return options_.whole_runs && options_.direction == Direction::kForward && !empty() && count > 0 &&
         (page_.next_offset + count > until_ || !HasRoom(count, bytes));
}

bool PageBuilder::HasRoom(int64_t count, size_t bytes) const {
  return record_count_ + count <= options_.records_max && page_.wire.size() + bytes <= options_.bytes_max;
}

// Going backward the page is cut afterwards, for which its records must be there.
bool PageBuilder::TakesWhole(absl::string_view run, int64_t base_offset, int64_t next_offset) const {
  return options_.direction == Direction::kForward && base_offset == page_.next_offset && next_offset <= until_ &&
         HasRoom(next_offset - base_offset, run.size());
}

void PageBuilder::Take(absl::string_view run, int64_t base_offset, int64_t count, absl::Time append_time) {
  if (count == 0) return;
  page_.runs.push_back({base_offset, count, append_time, page_.wire.size(), run.size()});
  page_.wire.append(run.data(), run.size());
  page_.next_offset = base_offset + count;
  record_count_ += count;
}

PageBuilder::Progress PageBuilder::AddSome(absl::string_view run, int64_t base_offset, int64_t next_offset,
                                           absl::Time append_time) {
  const bool begins_here = base_offset == page_.next_offset;
  if (options_.whole_runs && options_.direction == Direction::kForward && begins_here && !empty()) {
    return Progress::kFull;
  }
  // What is taken lies in one piece.
  Progress progress = Progress::kMore;
  absl::string_view taken;
  int64_t count = 0;
  RecordView record;
  for (int64_t offset = base_offset; offset < next_offset; ++offset) {
    // Does not happen behind a good checksum, unless what wrote it was wrong: then a scan must not stand still.
    if (!ConsumeRecord(run, record) || record.offset != offset) {
      progress = Progress::kDamaged;
      break;
    }
    if (record.offset < page_.next_offset) continue;
    const bool full = record_count_ + count >= options_.records_max ||
                      page_.wire.size() + taken.size() + record.field.size() > options_.bytes_max;
    if (record.offset >= until_ || (full && !(empty() && count == 0))) {
      progress = Progress::kFull;
      break;
    }
    taken = {taken.empty() ? record.field.data() : taken.data(), taken.size() + record.field.size()};
    ++count;
  }
  Take(taken, page_.next_offset, count, append_time);
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
  const std::vector<RecordSpan> records = SpansOf(page);
  size_t keep = 0, bytes = 0;
  while (keep < records.size()) {
    const size_t size = records[records.size() - 1 - keep].size;
    if (keep > 0 && (static_cast<int64_t>(keep) >= options.records_max || bytes + size > options.bytes_max)) break;
    bytes += size;
    ++keep;
  }
  if (keep == 0) return;
  const RecordSpan first = records[records.size() - keep];
  while (page.runs.front().next_offset() <= first.offset) page.runs.erase(page.runs.begin());
  RecordRun& cut = page.runs.front();
  cut.count -= first.offset - cut.base_offset;
  cut.size -= first.position - cut.position;
  cut.base_offset = first.offset;
  cut.position = first.position;
  page.wire.erase(0, first.position);
  for (RecordRun& run : page.runs) run.position -= first.position;
  page.next_offset = first.offset;
}

}  // namespace eventlog
