// A log's folder while it is being made by a backup or a restore: under a name that no log can have, until it is whole,
// synced and checked. Then it gets its name, all at once. A crash before leaves nothing that looks like a log.

#ifndef EVENTLOG_SVC_TOOL_UNFINISHED_LOG_H_
#define EVENTLOG_SVC_TOOL_UNFINISHED_LOG_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventlog-svc/engine/embedded/data_folder.h"
#include "eventlog-svc/storage/log_verifier.h"

namespace eventlog {

// What a finished log is.
struct LogCopy {
  std::string epoch;        // empty when no segment has a whole header
  int64_t next_offset = 0;  // behind its last record
  VerifySummary summary;

  bool damaged() const { return summary.damaged_segment_count > 0; }
};

// Hears of each segment that is damaged.
using OnDamage = std::function<void(const SegmentReport& report)>;

// Not thread safe. Whoever uses it holds the lock of the data folder, and knows that the log's name is valid.
class UnfinishedLog {
 public:
  // kAlreadyExists LOG_EXISTS when the folder has a log of this name, or the rest of one.
  static absl::Status CheckIsFree(const DataFolder& to, const std::string& log);
  // Creates the folder, and clears away what an earlier attempt has left there.
  static absl::StatusOr<std::unique_ptr<UnfinishedLog>> Create(const DataFolder& to, const std::string& log);
  // Removes the folder unless the log was finished.
  ~UnfinishedLog();
  UnfinishedLog(const UnfinishedLog&) = delete;
  UnfinishedLog& operator=(const UnfinishedLog&) = delete;

  // Where its files are to be written; each must be synced.
  const std::string& folder() const { return folder_; }
  // Holds the log against its checksums, without changing anything: damage is no error. kDataLoss when it has no
  // segment.
  absl::StatusOr<LogCopy> Verify(const OnDamage& on_damage) const;
  // Gives the log its name, durably. After an error there is no log; but when the name could not be synced, which the
  // error says, there is one that a power cut may take.
  absl::Status Finish();

 private:
  UnfinishedLog(const DataFolder& to, std::string log);
  absl::Status Remove() const;

  const DataFolder to_;
  const std::string log_;
  const std::string folder_;
  bool finished_ = false;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_TOOL_UNFINISHED_LOG_H_
