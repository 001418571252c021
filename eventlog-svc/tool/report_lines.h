// What eventlog-admin says of a check, a backup or a restore: lines for people, or one JSON object a line, the same
// that `eventlog verify` prints of a running service.

#ifndef EVENTLOG_SVC_TOOL_REPORT_LINES_H_
#define EVENTLOG_SVC_TOOL_REPORT_LINES_H_

#include <string>

#include "eventlog-svc/storage/log_verifier.h"
#include "eventlog-svc/tool/unfinished_log.h"

namespace eventlog {

// Pure. Each line ends with its line feed.
class ReportLines {
 public:
  explicit ReportLines(bool json) : json_(json) {}

  std::string Segment(const std::string& log, const SegmentReport& report) const;
  std::string Summary(const std::string& log, const VerifySummary& summary) const;
  // `folder` is where it went.
  std::string Copy(const std::string& log, const LogCopy& copy, const std::string& folder) const;

 private:
  const bool json_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_TOOL_REPORT_LINES_H_
