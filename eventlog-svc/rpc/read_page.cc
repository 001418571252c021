#include "eventlog-svc/rpc/read_page.h"

#include <algorithm>

#include "eventlog-svc/engine/event_filter.h"
#include "eventlog-svc/storage/record_codec.h"

namespace eventlog {
namespace {

// What one call looks at, at the most, when the filter takes little of it.
constexpr int64_t kScannedBytesMax = 16 * 1024 * 1024;

// Takes the records that pass the filter in the direction of the read, until the limits are reached. Returns where to
// go on.
int64_t Take(const ReadPlan& plan, const RecordPage& page, int64_t& count, std::string& out, bool& full) {
  const bool backward = plan.direction == Direction::kBackward;
  for (size_t i = 0; i < page.records.size(); ++i) {
    const RecordSpan& span = page.records[backward ? page.records.size() - 1 - i : i];
    const absl::string_view field = absl::string_view(page.wire).substr(span.position, span.size);
    absl::string_view rest = field;
    RecordView view;
    if (!ConsumeRecord(rest, view) || !plan.filter.Matches(view.record)) continue;
    if (count > 0 && (count >= plan.records_max || static_cast<int64_t>(out.size() + field.size()) > plan.bytes_max)) {
      full = true;
      return backward ? span.offset + 1 : span.offset;
    }
    out.append(field.data(), field.size());
    ++count;
  }
  return page.next_offset;
}

}  // namespace

absl::StatusOr<FilteredPage> ReadFilteredPage(const Log& log, const ReadPlan& plan) {
  const absl::StatusOr<int64_t> start = ResolveStart(log, plan.start);
  if (!start.ok()) return start.status();
  const bool backward = plan.direction == Direction::kBackward;
  FilteredPage result;
  int64_t position = *start, scanned = 0, count = 0;
  bool full = false, end = false;
  while (!full && scanned < kScannedBytesMax) {
    const LogBounds bounds = log.bounds();
    end = backward ? position <= bounds.start_offset : position >= bounds.head_offset;
    if (end) break;
    const absl::StatusOr<RecordPage> page =
        log.Read({position, plan.direction, plan.records_max - count + 1, static_cast<size_t>(plan.bytes_max)});
    if (!page.ok()) return page.status();
    if (page->gap.has_value()) {
      if (plan.fail_on_gap) return GapError(*page->gap);
      v1::Gap* gap = result.rest.add_gaps();
      gap->set_start_offset(page->gap->start_offset);
      gap->set_next_offset(page->gap->next_offset);
      gap->set_reason(static_cast<v1::GapReason>(page->gap->reason));
    }
    scanned += std::max<int64_t>(1, static_cast<int64_t>(page->wire.size()));
    position = Take(plan, *page, count, result.records, full);
  }
  result.rest.set_next_offset(position);
  result.rest.set_end_of_log(end);
  result.rest.set_epoch(log.epoch());
  return result;
}

}  // namespace eventlog
