#include "eventlog-svc/rpc/verify_stream.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace eventlog {
namespace {

void ToProto(const SegmentReport& report, v1::VerifyLogResponse::Segment& out) {
  out.set_file(report.file);
  out.set_base_offset(report.base_offset);
  out.set_next_offset(report.next_offset);
  out.set_record_count(report.record_count);
  out.set_byte_count(report.byte_count);
  for (const Gap& gap : report.gaps) {
    v1::Gap& stored = *out.add_gaps();
    stored.set_start_offset(gap.start_offset);
    stored.set_next_offset(gap.next_offset);
    stored.set_reason(v1::GAP_REASON_CORRUPT);
  }
  for (const std::string& problem : report.problems) out.add_problems(problem);
}

void ToProto(const VerifySummary& summary, v1::VerifyLogResponse::Summary& out) {
  out.set_segment_count(summary.segment_count);
  out.set_record_count(summary.record_count);
  out.set_byte_count(summary.byte_count);
  out.set_damaged_segment_count(summary.damaged_segment_count);
  out.set_lost_record_count(summary.lost_record_count);
}

}  // namespace

VerifyStream::VerifyStream(Call* call, const WorkedStreams& shared, std::shared_ptr<CommitLog> log)
    : WorkedStream(call, shared),
      log_(std::move(log)),
      verifier_(log_->store().stored_segments(),
                {[this] { return stopped() || log_->deleted(); }, [this] { return log_->bounds().start_offset; }, {}}) {
}

absl::StatusOr<bool> VerifyStream::Next(v1::VerifyLogResponse& response) {
  absl::StatusOr<std::optional<SegmentReport>> report = verifier_.Next();
  if (log_->deleted()) {
    return Error(absl::StatusCode::kNotFound, "LOG_NOT_FOUND", absl::StrCat("log \"", log_->name(), "\" was deleted"));
  }
  if (!report.ok()) return report.status();
  response.Clear();
  if (report->has_value()) {
    ToProto(**report, *response.mutable_segment());
    return true;
  }
  ToProto(verifier_.summary(), *response.mutable_summary());
  return false;
}

}  // namespace eventlog
