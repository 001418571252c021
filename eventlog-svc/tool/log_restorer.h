// Puts a log from a backup, or from the folder of a stopped service, into the folder of another stopped service.

#ifndef EVENTLOG_SVC_TOOL_LOG_RESTORER_H_
#define EVENTLOG_SVC_TOOL_LOG_RESTORER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventlog-svc/engine/embedded/data_folder.h"
#include "eventlog-svc/storage/segment_header.h"
#include "eventlog-svc/storage/stored_segment.h"
#include "eventlog-svc/tool/unfinished_log.h"

namespace eventlog {

enum class RestoredEpoch {
  // A backup may be older than the log was: offsets behind its end are given again, to other events. With a new epoch
  // whoever holds one of them (`<epoch>:<offset>`) gets an error, and never another event.
  kNew,
  // For a log that is moved, whose old copy nobody opens again.
  kKept,
};

// Not thread safe. Whoever uses it holds the locks of both folders, and knows that the log's name is valid.
class LogRestorer {
 public:
  LogRestorer(const DataFolder& from, const DataFolder& to, RestoredEpoch epoch);

  // All of the log or nothing, whatever happens meanwhile. A damaged log is restored as it is, and `on_damage` hears of
  // it. kAlreadyExists LOG_EXISTS when there is one of this name; kDataLoss DATA_CORRUPT when no service could open it,
  // as the header of its newest segment is damaged.
  absl::StatusOr<LogCopy> Restore(const std::string& log, const OnDamage& on_damage);

 private:
  absl::StatusOr<SegmentHeader> ReadIdentity(const std::string& folder, const StoredSegment& newest) const;
  // A segment that is not of the log `old` stays as it is; so does one without a whole header. Both are damage, which
  // the check finds.
  absl::Status CopySegment(const std::string& from, const std::string& to, const SegmentHeader& old,
                           const std::string& epoch) const;

  const DataFolder from_;
  const DataFolder to_;
  const RestoredEpoch epoch_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_TOOL_LOG_RESTORER_H_
