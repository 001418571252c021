#include "eventlog-svc/tool/report_lines.h"

#include "absl/strings/str_cat.h"
#include "eventlog-svc/client/json_text.h"

namespace eventlog {
namespace {

std::string Quoted(const std::string& text) {
  std::string out;
  AppendJsonString(text, out);
  return out;
}

std::string SegmentText(const SegmentReport& report) {
  std::string text = absl::StrCat(report.file, " base_offset=", report.base_offset, " next_offset=", report.next_offset,
                                  " records=", report.record_count, " bytes=", report.byte_count,
                                  report.damaged() ? " DAMAGED\n" : " sound\n");
  for (const Gap& gap : report.gaps) {
    absl::StrAppend(&text, "  lost: offsets ", gap.start_offset, " to ", gap.next_offset - 1, "\n");
  }
  for (const std::string& problem : report.problems) absl::StrAppend(&text, "  ", problem, "\n");
  if (report.torn_bytes > 0) {
    absl::StrAppend(&text, "  a torn tail of ", report.torn_bytes, " bytes, which the next start cuts off\n");
  }
  return text;
}

std::string SegmentJson(const SegmentReport& report) {
  std::string json =
      absl::StrCat("{\"file\":", Quoted(report.file), ",\"base_offset\":", report.base_offset,
                   ",\"next_offset\":", report.next_offset, ",\"record_count\":", report.record_count,
                   ",\"byte_count\":", report.byte_count, ",\"torn_bytes\":", report.torn_bytes, ",\"gaps\":[");
  const char* separator = "";
  for (const Gap& gap : report.gaps) {
    absl::StrAppend(&json, separator, "{\"start_offset\":", gap.start_offset, ",\"next_offset\":", gap.next_offset,
                    ",\"reason\":\"CORRUPT\"}");
    separator = ",";
  }
  json += "],\"problems\":[";
  separator = "";
  for (const std::string& problem : report.problems) {
    absl::StrAppend(&json, separator, Quoted(problem));
    separator = ",";
  }
  return json + "]}";
}

std::string OfLog(const std::string& log, absl::string_view kind, absl::string_view json) {
  return absl::StrCat("{\"log\":", Quoted(log), ",\"", kind, "\":", json, "}\n");
}

}  // namespace

std::string ReportLines::Segment(const std::string& log, const SegmentReport& report) const {
  return json_ ? OfLog(log, "segment", SegmentJson(report)) : SegmentText(report);
}

std::string ReportLines::Summary(const std::string& log, const VerifySummary& summary) const {
  if (!json_) {
    return absl::StrCat("log=", log, " segments=", summary.segment_count, " records=", summary.record_count,
                        " bytes=", summary.byte_count, " damaged_segments=", summary.damaged_segment_count,
                        " lost_records=", summary.lost_record_count, "\n");
  }
  return OfLog(log, "summary",
               absl::StrCat("{\"segment_count\":", summary.segment_count, ",\"record_count\":", summary.record_count,
                            ",\"byte_count\":", summary.byte_count, ",\"damaged_segment_count\":",
                            summary.damaged_segment_count, ",\"lost_record_count\":", summary.lost_record_count, "}"));
}

std::string ReportLines::Copy(const std::string& log, const LogCopy& copy, const std::string& folder) const {
  const std::string summary = Summary(log, copy.summary);
  if (!json_) {
    return absl::StrCat("log=", log, " epoch=", copy.epoch, " next_offset=", copy.next_offset, " folder=", folder, "\n",
                        summary);
  }
  return OfLog(log, "copy",
               absl::StrCat("{\"epoch\":", Quoted(copy.epoch), ",\"next_offset\":", copy.next_offset,
                            ",\"folder\":", Quoted(folder), "}")) +
         summary;
}

}  // namespace eventlog
