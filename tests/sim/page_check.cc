#include "tests/sim/page_check.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/storage/log_verifier.h"
#include "eventlog-svc/storage/record_spans.h"
#include "eventlog-svc/storage/stored_segment.h"
#include "proto/eventlog/v1/event_log.pb.h"

namespace eventlog {
namespace {

absl::Status Broken(absl::string_view what) { return absl::InternalError(what); }

absl::Time ToTime(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

// Whether an error is right.
absl::Status CheckError(const absl::Status& status, bool is_outside, bool read_broke) {
  const std::string reason = ErrorReason(status);
  if (is_outside && reason == "OFFSET_OUT_OF_RANGE") return absl::OkStatus();
  if (read_broke && reason == "STORAGE_FAILED") return absl::OkStatus();
  return Broken(absl::StrCat("a read failed for nothing: ", status.ToString()));
}

absl::Status CheckRecord(const LogModel& model, const v1::Record& record, int64_t offset) {
  const ModelRecord& expected = model.records()[static_cast<size_t>(offset)];
  if (record.offset() != offset) {
    return Broken(absl::StrCat("offset ", record.offset(), " where ", offset, " is due"));
  }
  if (record.event().text() != expected.text) {
    return Broken(absl::StrCat("at ", offset, " is ", record.event().text(), ", not ", expected.text));
  }
  const absl::Time time = ToTime(record.append_time());
  if (time != expected.append_time || ToTime(record.event().time()) != time) {
    return Broken(absl::StrCat("the append time at ", offset, " is not that of its answer"));
  }
  return absl::OkStatus();
}

absl::Status CheckGap(const LogModel& model, const ReadOptions& options, const RecordPage& page) {
  const Gap& gap = *page.gap;
  const bool is_trimmed = gap.reason == GapReason::kTrimmed && options.direction == Direction::kForward &&
                          gap.start_offset == options.from && gap.next_offset == model.start_offset() &&
                          page.next_offset == model.start_offset();
  if (is_trimmed && options.from < model.start_offset()) return absl::OkStatus();
  return Broken(absl::StrCat("a gap [", gap.start_offset, ", ", gap.next_offset, "), reason ",
                             static_cast<int>(gap.reason), ", in a sound log that begins at ", model.start_offset()));
}

}  // namespace

absl::Status CheckPage(const LogModel& model, const ReadOptions& options, const absl::StatusOr<RecordPage>& page,
                       bool read_broke) {
  const bool is_outside = options.from < 0 || options.from > model.head_offset();
  if (!page.ok()) return CheckError(page.status(), is_outside, read_broke);
  if (is_outside) return Broken("a page from outside of the log");
  if (page->gap.has_value()) return CheckGap(model, options, *page);
  const bool forward = options.direction == Direction::kForward;
  const int64_t count = page->record_count();
  const bool has_some = forward ? options.from < model.head_offset() : options.from > model.start_offset();
  if (has_some == (count == 0)) return Broken(absl::StrCat(count, " records from ", options.from));
  if (forward && has_some && options.from < model.start_offset()) return Broken("records that were trimmed");
  if (count > options.records_max) return Broken("more records than asked for");
  if (count > 1 && page->wire.size() > options.bytes_max) return Broken("more bytes than asked for");
  const int64_t first = forward ? options.from : options.from - count;
  if (page->next_offset != (forward ? options.from + count : first)) return Broken("the scan goes on somewhere else");
  if (first < (count > 0 ? model.start_offset() : 0) || first + count > model.head_offset()) {
    return Broken(absl::StrCat("records [", first, ", ", first + count, ") of a log [", model.start_offset(), ", ",
                               model.head_offset(), ")"));
  }
  const std::vector<RecordSpan> spans = SpansOf(*page);
  if (static_cast<int64_t>(spans.size()) != count) return Broken("a run that does not hold its records");
  size_t position = 0;
  for (int64_t i = 0; i < count; ++i) {
    const RecordSpan& span = spans[static_cast<size_t>(i)];
    const absl::Time time = model.records()[static_cast<size_t>(first + i)].append_time;
    if (span.offset != first + i || span.append_time != time || span.position != position) {
      return Broken(absl::StrCat("the span at ", first + i, " is not that of the record"));
    }
    position += span.size;
  }
  return CheckRun(model, page->wire, first, count);
}

absl::Status CheckRun(const LogModel& model, absl::string_view wire, int64_t first, int64_t count) {
  v1::ReadResponse response;
  const bool parsed = response.ParseFromArray(wire.data(), static_cast<int>(wire.size()));
  if (!parsed) return Broken("bytes that are no run of records");
  if (response.records_size() != count || first + count > model.head_offset()) {
    return Broken(absl::StrCat(response.records_size(), " records from ", first, ", said to be ", count));
  }
  for (int i = 0; i < response.records_size(); ++i) {
    const absl::Status checked = CheckRecord(model, response.records(i), first + i);
    if (!checked.ok()) return checked;
  }
  return absl::OkStatus();
}

absl::Status CheckOffsetAt(const LogModel& model, absl::Time time, const absl::StatusOr<int64_t>& offset,
                           bool read_broke) {
  if (!offset.ok()) return CheckError(offset.status(), false, read_broke);
  const auto& records = model.records();
  const auto found =
      std::lower_bound(records.begin() + model.start_offset(), records.end(), time,
                       [](const ModelRecord& record, absl::Time wanted) { return record.append_time < wanted; });
  if (*offset == found - records.begin()) return absl::OkStatus();
  return Broken(
      absl::StrCat("offset ", *offset, " is found for ", absl::FormatTime(time), ", not ", found - records.begin()));
}

absl::Status CheckContents(const LogModel& model, const Log& log, Direction direction, size_t bytes_max) {
  const bool forward = direction == Direction::kForward;
  ReadOptions options;
  options.direction = direction;
  options.bytes_max = bytes_max;
  options.from = forward ? model.start_offset() : model.head_offset();
  while (forward ? options.from < model.head_offset() : options.from > model.start_offset()) {
    const absl::StatusOr<RecordPage> page = log.Read(options);
    const absl::Status checked = CheckPage(model, options, page, /*read_broke=*/false);
    if (!checked.ok()) return checked;
    options.from = page->next_offset;
  }
  return absl::OkStatus();
}

absl::Status CheckTimes(const LogModel& model, const Log& log) {
  const LogSize size = log.size();
  std::optional<absl::Time> oldest, newest;
  if (model.start_offset() < model.head_offset()) {
    oldest = model.records()[static_cast<size_t>(model.start_offset())].append_time;
    newest = model.records().back().append_time;
  }
  if (size.oldest_append_time != oldest) return Broken("the oldest append time is not that of the first record");
  return size.newest_append_time == newest ? absl::OkStatus() : Broken("the newest append time is wrong");
}

absl::Status CheckTrimmed(const LogModel& model, const SimulatedLog& log) {
  const std::vector<StoredSegment> segments = log.stored_segments();
  if (segments.size() < 2 || segments[1].base_offset > model.start_offset()) return absl::OkStatus();
  return Broken(absl::StrCat(segments[0].name, " is there still, and was trimmed"));
}

absl::Status CheckSegments(const LogModel& model, const SimulatedLog& log) {
  const absl::Status trimmed = CheckTrimmed(model, log);
  if (!trimmed.ok()) return trimmed;
  const std::vector<StoredSegment> segments = log.stored_segments();
  LogVerifierOptions options;
  options.start_offset = [&model] { return model.start_offset(); };
  LogVerifier verifier(segments, std::move(options));
  while (true) {
    const absl::StatusOr<std::optional<SegmentReport>> report = verifier.Next();
    if (!report.ok()) return report.status();
    if (!report->has_value()) break;
    if (!(*report)->gaps.empty()) return Broken(absl::StrCat((*report)->file, " is damaged"));
  }
  const int64_t kept = model.head_offset() - segments[0].base_offset;
  return verifier.summary().record_count == kept ? absl::OkStatus() : Broken("the segments have other records");
}

}  // namespace eventlog
