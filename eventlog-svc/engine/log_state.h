// What a log keeps besides its records: producers, cursors, the start offset, the settings. One state, changed in the
// order of the log and durable with it: whole in each segment's header, and as changes in state batches.

#ifndef EVENTLOG_SVC_ENGINE_LOG_STATE_H_
#define EVENTLOG_SVC_ENGINE_LOG_STATE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/cursor_table.h"
#include "eventlog-svc/engine/log.h"
#include "eventlog-svc/engine/producer_table.h"
#include "eventlog-svc/storage/batch_codec.h"

namespace eventlog {

// Changed by one thread at a time (the committing one, before it recovery); the lookups at the end may come from any.
class LogState {
 public:
  LogState(const ProducerTableOptions& producers, const LogSettings& settings)
      : producers_(producers), settings_(settings) {}

  ProducerTable& producers() { return producers_; }
  const ProducerTable& producers() const { return producers_; }

  // Makes the change part of the group that is being put together, or says why it cannot be. `bounds` are the published
  // ones. The errors are those of the changes (engine/log.h).
  absl::StatusOr<Cursor> Stage(const LogChange& change, const LogBounds& bounds, absl::Time now);
  // The body of the state batch that says what is staged, producers aside: their batches say it. Empty when nothing is.
  std::string DescribeStaged() const;
  void CommitStaged();
  void DropStaged();

  // The committed state as it is stored, and back. Restore refuses with kDataLoss what Serialize did not write.
  std::string Serialize() const;
  absl::Status Restore(absl::string_view bytes);
  // A batch that recovery found behind the state; `body` is what a state batch holds.
  absl::Status Replay(const BatchHeader& header, absl::string_view body);

  // What is committed. Any thread.
  int64_t start_offset() const;
  LogSettings settings() const;
  absl::StatusOr<Cursor> FindCursor(absl::string_view name) const;
  std::vector<Cursor> cursors() const;

 private:
  absl::StatusOr<Cursor> StageTrim(const TrimLog& change, const LogBounds& bounds);
  // What of a trim that retention asks for may go now.
  int64_t Retained(const TrimLog& change) const;

  ProducerTable producers_;
  std::optional<int64_t> staged_start_;
  std::optional<LogSettings> staged_settings_;

  mutable absl::Mutex mutex_;
  CursorTable cursors_ ABSL_GUARDED_BY(mutex_);
  int64_t start_offset_ ABSL_GUARDED_BY(mutex_) = 0;
  LogSettings settings_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_ENGINE_LOG_STATE_H_
