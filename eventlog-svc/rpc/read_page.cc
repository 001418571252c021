#include "eventlog-svc/rpc/read_page.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/event_filter.h"
#include "eventlog-svc/storage/record_codec.h"
#include "eventlog-svc/storage/record_spans.h"

namespace eventlog {
namespace {

// What one call looks at, at the most, when it takes little of it.
constexpr int64_t kScannedBytesMax = 16 * 1024 * 1024;
constexpr int64_t kScannedRecordsMax = 100'000;
// One step of a scan that may take little: whatever the call wants, a step reads and checks whole batches.
constexpr int64_t kStepRecords = 1000;
constexpr size_t kStepBytes = 256 * 1024;

// The scan of one call.
class PageScan {
 public:
  PageScan(const Log& log, const ReadPlan& plan, int64_t position)
      : log_(log), plan_(plan), backward_(plan.direction == Direction::kBackward), position_(position) {
    // From a time that is still to come the log begins at its head, and may get records before it.
    const auto* time = std::get_if<StartAtTime>(&plan.start);
    if (time != nullptr && !backward_) since_ = time->time;
  }

  bool AtEnd() const {
    const LogBounds bounds = log_.bounds();
    return backward_ ? position_ <= bounds.start_offset : position_ >= bounds.head_offset;
  }
  bool Full() const {
    return full_ || count_ >= plan_.records_max || scanned_bytes_ >= kScannedBytesMax ||
           scanned_records_ >= kScannedRecordsMax;
  }
  absl::Status Step();
  FilteredPage Finish() {
    page_.rest.set_next_offset(position_);
    page_.rest.set_end_of_log(AtEnd());
    page_.rest.set_epoch(log_.epoch());
    return std::move(page_);
  }

 private:
  bool TakesAll() const { return plan_.filter.takes_all() && !since_.has_value(); }
  bool Wants(const RecordSpan& span, absl::string_view field) const {
    if (since_.has_value() && span.append_time < *since_) return false;
    RecordView view;
    return ConsumeRecord(field, view) && plan_.filter.Matches(view.record);
  }
  // Takes the records that are wanted in the direction of the read, until the limits are reached. Returns where to go
  // on.
  int64_t Take(RecordPage page);

  const Log& log_;
  const ReadPlan& plan_;
  const bool backward_;
  std::optional<absl::Time> since_;
  int64_t position_;
  int64_t scanned_bytes_ = 0, scanned_records_ = 0;
  int64_t count_ = 0;
  bool full_ = false;
  FilteredPage page_;
};

absl::Status PageScan::Step() {
  ReadOptions options{position_, plan_.direction, kStepRecords, kStepBytes};
  if (TakesAll()) {
    options.records_max = plan_.records_max - count_;
    options.bytes_max = static_cast<size_t>(plan_.bytes_max);
  }
  absl::StatusOr<RecordPage> page = log_.Read(options);
  if (!page.ok()) return page.status();
  if (page->gap.has_value()) {
    if (plan_.fail_on_gap) return GapError(*page->gap);
    v1::Gap* gap = page_.rest.add_gaps();
    gap->set_start_offset(page->gap->start_offset);
    gap->set_next_offset(page->gap->next_offset);
    gap->set_reason(static_cast<v1::GapReason>(page->gap->reason));
  }
  // A step that gives nothing was work too.
  scanned_records_ += std::max<int64_t>(1, page->record_count());
  scanned_bytes_ += static_cast<int64_t>(page->wire.size());
  position_ = Take(*std::move(page));
  return absl::OkStatus();
}

int64_t PageScan::Take(RecordPage page) {
  std::string& out = page_.records;
  if (!backward_ && TakesAll() && count_ == 0) {
    // The limits of the call were those of the page.
    out = std::move(page.wire);
    count_ = page.record_count();
    return page.next_offset;
  }
  const std::vector<RecordSpan> spans = SpansOf(page);
  for (size_t i = 0; i < spans.size(); ++i) {
    const RecordSpan& span = spans[backward_ ? spans.size() - 1 - i : i];
    const absl::string_view field = absl::string_view(page.wire).substr(span.position, span.size);
    if (!Wants(span, field)) continue;
    full_ = count_ >= plan_.records_max ||
            (count_ > 0 && static_cast<int64_t>(out.size() + field.size()) > plan_.bytes_max);
    if (full_) return backward_ ? span.offset + 1 : span.offset;
    out.append(field.data(), field.size());
    ++count_;
  }
  return page.next_offset;
}

}  // namespace

absl::StatusOr<FilteredPage> ReadFilteredPage(const Log& log, const ReadPlan& plan, ScanGuard may_go_on) {
  absl::Status guard = may_go_on();
  if (!guard.ok()) return guard;
  const absl::StatusOr<int64_t> start = ResolveStart(log, plan.start);
  if (!start.ok()) return start.status();
  PageScan scan(log, plan, *start);
  while (!scan.Full() && !scan.AtEnd()) {
    guard = may_go_on();
    if (!guard.ok()) return guard;
    const absl::Status step = scan.Step();
    if (!step.ok()) return step;
  }
  return scan.Finish();
}

}  // namespace eventlog
