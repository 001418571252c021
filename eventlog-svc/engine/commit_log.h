// The log of both local engines: a queue, one committing thread, and a store.
//
// The thread takes all that waits and gives it to the GroupCommitter. While that one syncs, the next group gathers in
// the queue: there is no waiting window.
//
// Answers are given on the committing thread too: over gRPC a thread of their own made no difference beyond the noise
// (1 to 25,600 events in flight, two cores), since appends that wait for answers do not fill the next group meanwhile.

#ifndef EVENTLOG_SVC_ENGINE_COMMIT_LOG_H_
#define EVENTLOG_SVC_ENGINE_COMMIT_LOG_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/call_once.h"
#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/commit_metrics.h"
#include "eventlog-svc/engine/commit_queue.h"
#include "eventlog-svc/engine/group_committer.h"
#include "eventlog-svc/engine/log.h"
#include "eventlog-svc/engine/log_listeners.h"
#include "eventlog-svc/engine/log_state.h"
#include "eventlog-svc/storage/batch_store.h"

namespace eventlog {

struct CommitLogOptions {
  std::string name;
  // What an acknowledgement means with this store, at best.
  Durability durability = Durability::kFsync;
  // The queue's limits. A batch beyond them is refused with QUEUE_FULL.
  int64_t queue_records_max = 200'000;
  int64_t queue_bytes_max = 64 * 1024 * 1024;
  int64_t queue_changes_max = 10'000;
  // A group takes no further batch once it has this many bytes.
  int64_t group_bytes_max = 2 * 1024 * 1024;
  // How long what needs no sync may go without one: on a log whose default durability is kMemory.
  absl::Duration sync_interval = absl::Seconds(1);
  std::function<absl::Time()> clock = absl::Now;
  // Told once when nothing can be appended any more until a restart. On the committing thread, with no lock held.
  std::function<void(const absl::Status&)> on_failure;
};

class CommitLog : public Log {
 public:
  // `state` is what recovery found. Starts the committing thread.
  CommitLog(CommitLogOptions options, std::unique_ptr<BatchStore> store, std::unique_ptr<LogState> state);
  // Closes.
  ~CommitLog() override;

  const std::string& name() const override { return options_.name; }
  const std::string& epoch() const override { return store_->epoch(); }
  void Append(AppendBatch batch, AppendCallback done) override;
  void Change(LogChange change, ChangeCallback done) override;
  absl::StatusOr<RecordPage> Read(const ReadOptions& options) const override { return store_->Read(options); }
  absl::StatusOr<int64_t> OffsetAt(absl::Time time) const override { return store_->OffsetAt(time); }
  LogBounds bounds() const override { return store_->size().bounds; }
  LogSize size() const override { return store_->size(); }
  LogSettings settings() const override { return state_->settings(); }
  absl::StatusOr<Cursor> FindCursor(absl::string_view name) const override { return state_->FindCursor(name); }
  std::vector<Cursor> cursors() const override { return state_->cursors(); }
  int64_t StartForBytes(int64_t bytes_max) const override { return store_->StartForBytes(bytes_max); }
  bool deleted() const override { return deleted_.load(std::memory_order_acquire); }
  void AddListener(LogListener* listener) override { listeners_.Add(listener); }
  void RemoveListener(LogListener* listener) override { listeners_.Remove(listener); }

  // As Engine::health and Engine::Close.
  absl::Status health() const;
  void Close();
  // Closes for good, and tells the readers. What comes is refused with LOG_NOT_FOUND; what waits is still committed.
  void Delete();
  const CommitMetrics& metrics() const { return metrics_; }
  // For what reads the stored bytes beside the log: verify, backup.
  BatchStore& store() { return *store_; }

 private:
  absl::Status CheckShape(const AppendBatch& batch, int64_t bytes) const;
  absl::Status AdmitAppendLocked(const AppendBatch& batch, int64_t bytes) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status AdmitChangeLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Why nothing is taken any more.
  absl::Status OpenLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void PushLocked(CommitRequest request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void NoteQueueLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return closing_ || !queue_.empty(); }
  void Run();
  // Empty when there is nothing until the deadline; `closed` when nothing comes any more.
  std::vector<CommitRequest> TakeGroup(absl::Time deadline, bool& closed);
  void NoteFailure(const absl::Status& failure);

  const CommitLogOptions options_;
  const std::unique_ptr<BatchStore> store_;
  const std::unique_ptr<LogState> state_;
  CommitMetrics metrics_;
  LogListeners listeners_;
  GroupCommitter committer_;  // the committing thread's
  std::atomic<bool> deleted_ = false;

  mutable absl::Mutex mutex_;
  CommitQueue queue_ ABSL_GUARDED_BY(mutex_);
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);

  absl::once_flag joined_;
  std::thread thread_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_ENGINE_COMMIT_LOG_H_
