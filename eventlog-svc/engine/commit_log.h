// The log of both local engines: a queue, one committing thread, and a store.
//
// The thread takes all that waits, decides on each batch, gives offsets, writes the group at once, syncs once,
// publishes, and only then answers. While it syncs, the next group gathers in the queue: there is no waiting window.
// Offsets and append times are given on this thread and nowhere else. After a failed write or sync nothing is
// acknowledged any more.
//
// Answers are given on the committing thread too: over gRPC a thread of their own made no difference beyond the noise
// (1 to 25,600 events in flight, two cores), since appends that wait for answers do not fill the next group meanwhile.

#ifndef EVENTLOG_SVC_ENGINE_COMMIT_LOG_H_
#define EVENTLOG_SVC_ENGINE_COMMIT_LOG_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/call_once.h"
#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/commit_metrics.h"
#include "eventlog-svc/engine/head_listeners.h"
#include "eventlog-svc/engine/log.h"
#include "eventlog-svc/engine/producer_table.h"
#include "eventlog-svc/storage/batch_store.h"

namespace eventlog {

struct CommitLogOptions {
  std::string name;
  // What an acknowledgement means with this store.
  Durability durability = Durability::kFsync;
  // The queue's limits. A batch beyond them is refused with QUEUE_FULL.
  int64_t queue_records_max = 200'000;
  int64_t queue_bytes_max = 64 * 1024 * 1024;
  // A group takes no further batch once it has this many bytes.
  int64_t group_bytes_max = 2 * 1024 * 1024;
  std::function<absl::Time()> clock;  // absl::Now when empty
  // Told once when nothing can be appended any more until a restart. On the committing thread, with no lock held.
  std::function<void(const absl::Status&)> on_failure;
};

class CommitLog : public Log {
 public:
  // `producers` is what recovery found. Starts the committing thread.
  CommitLog(CommitLogOptions options, std::unique_ptr<BatchStore> store, ProducerTable producers);
  // Closes.
  ~CommitLog() override;

  const std::string& name() const override { return options_.name; }
  const std::string& epoch() const override { return store_->epoch(); }
  void Append(AppendBatch batch, AppendCallback done) override;
  absl::StatusOr<RecordPage> Read(const ReadOptions& options) const override { return store_->Read(options); }
  absl::StatusOr<int64_t> OffsetAt(absl::Time time) const override { return store_->OffsetAt(time); }
  LogBounds bounds() const override { return store_->size().bounds; }
  LogSize size() const override { return store_->size(); }
  void AddListener(HeadListener* listener) override { listeners_.Add(listener); }
  void RemoveListener(HeadListener* listener) override { listeners_.Remove(listener); }

  // As Engine::health and Engine::Close.
  absl::Status health() const;
  void Close();
  const CommitMetrics& metrics() const { return metrics_; }

 private:
  struct Waiting {
    AppendBatch batch;
    AppendCallback done;
    int64_t bytes = 0;
    absl::Time arrival;
  };
  // What a batch of the group gets, once the group is written.
  struct Answer {
    AppendCallback done;
    absl::StatusOr<AppendResult> result;
    absl::Time arrival;
    std::shared_ptr<AppendOrder> order;
    bool needs_commit = false;  // it tells of what this group writes, and falls with it
  };

  absl::Status CheckShape(const AppendBatch& batch, int64_t bytes) const;
  absl::Status AdmitLocked(const AppendBatch& batch, int64_t bytes) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void NoteQueueLocked(int64_t records, int64_t bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return closing_ || !queue_.empty(); }
  void Run();
  std::vector<Waiting> TakeGroup();
  void Commit(std::vector<Waiting> group);
  // Gives the batch its offsets and adds it to `batches`, or says why not.
  Answer Decide(Waiting waiting, absl::Time append_time, std::vector<EncodedBatch>& batches);
  // The batch that this one repeats, nothing when it may be appended, or why it may not.
  absl::StatusOr<std::optional<ProducerTable::Taken>> Compare(const AppendBatch& batch) const;
  absl::Status WriteGroup(std::vector<EncodedBatch>& batches);
  // Takes back what the group that is not written changed. The status that its appends get.
  absl::Status DropGroup(absl::Status written);
  void Send(std::vector<Answer> answers, const absl::Status& written);

  const CommitLogOptions options_;
  const std::unique_ptr<BatchStore> store_;
  CommitMetrics metrics_;

  // The committing thread's.
  ProducerTable producers_;
  int64_t next_offset_;

  mutable absl::Mutex mutex_;
  std::deque<Waiting> queue_ ABSL_GUARDED_BY(mutex_);
  int64_t queue_records_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t queue_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);

  HeadListeners listeners_;
  absl::once_flag joined_;
  std::thread thread_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_ENGINE_COMMIT_LOG_H_
