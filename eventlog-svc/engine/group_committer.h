// Takes a group of appends and changes through the whole of a commit: decide on each, give offsets and one append time,
// write once, sync once, publish, and only then answer. No thread and no clock of its own, so that a simulation can
// drive it step by step.
//
// Offsets and append times are given here and nowhere else. After a failed write or sync nothing is acknowledged any
// more.

#ifndef EVENTLOG_SVC_ENGINE_GROUP_COMMITTER_H_
#define EVENTLOG_SVC_ENGINE_GROUP_COMMITTER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/commit_metrics.h"
#include "eventlog-svc/engine/log.h"
#include "eventlog-svc/engine/log_state.h"
#include "eventlog-svc/storage/batch_store.h"

namespace eventlog {

// One thing to be committed, and who hears of it.
struct CommitRequest {
  struct Append {
    AppendBatch batch;
    AppendCallback done;
  };
  struct Change {
    LogChange change;
    ChangeCallback done;
  };
  std::variant<Append, Change> what;
  int64_t records = 0;
  int64_t bytes = 0;  // stored, about
  absl::Time arrival;
};

// With what it takes in the queue.
CommitRequest MakeAppendRequest(AppendBatch batch, AppendCallback done, absl::Time arrival);
CommitRequest MakeChangeRequest(LogChange change, ChangeCallback done, absl::Time arrival);

struct GroupCommitterOptions {
  // The best that the store does. An append that asks for more is not to come here.
  Durability durability_max = Durability::kFsync;
  // Asked once for each group.
  std::function<absl::Time()> clock = absl::Now;
  // What there is to read changed: called between the publishing of a group and its answers.
  std::function<void()> on_published;
  // The store failed for good: called once, before anybody is answered with it.
  std::function<void(const absl::Status&)> on_failure;
};

// One thread at a time. Store, state and metrics must outlive it.
class GroupCommitter {
 public:
  GroupCommitter(GroupCommitterOptions options, BatchStore& store, LogState& state, CommitMetrics& metrics);

  // Commits and answers. Once the store has failed for good nothing can be committed until a restart.
  void Commit(std::vector<CommitRequest> group);

  // Whether something is published that is not synced: on a log whose default is kMemory.
  bool has_unsynced() const { return store_.synced_offset() < store_.next_offset(); }
  // Syncs it. An error is for good.
  absl::Status SyncPublished();
  const absl::Status& failure() const { return failure_; }

 private:
  // What a request of the group gets, once the group is written.
  struct Answer {
    CommitRequest request;
    std::variant<absl::StatusOr<AppendResult>, absl::StatusOr<Cursor>> result;
    bool needs_commit = false;  // it tells of what this group writes, and falls with it
    bool is_early = false;      // it needs no more than to be written
    bool is_sent = false;

    absl::Status status() const;
    AppendOrder* order() const;
  };

  Answer Decide(CommitRequest request);
  absl::StatusOr<AppendResult> DecideAppend(AppendBatch& batch, Answer& answer);
  AppendResult Repeat(const ProducerTable::Taken& taken, int64_t count, Durability asked, Answer& answer);
  void DecideChange(const LogChange& change, Answer& answer);
  // The batch that this one repeats, nothing when it may be appended, or why it may not.
  absl::StatusOr<std::optional<ProducerTable::Taken>> Compare(const AppendBatch& batch) const;
  Durability Resolve(Durability asked) const;
  void AddStateBatch();
  absl::Status RollFor(const std::vector<CommitRequest>& group);
  absl::Status Roll();
  absl::Status Write();
  absl::Status SyncStore();
  void Publish();
  void TrimStore();
  // Takes back what the group that is not written changed. The status that its requests get.
  absl::Status DropGroup(absl::Status written);
  // Nothing is committed from here on. The failure that there was first.
  const absl::Status& Fail(absl::Status status);
  void Send(std::vector<Answer>& answers, const absl::Status& written, bool early);

  const GroupCommitterOptions options_;
  BatchStore& store_;
  LogState& state_;
  CommitMetrics& metrics_;
  absl::Status failure_;

  // Of the group that is being put together.
  LogBounds bounds_;  // the published ones
  absl::Time append_time_;
  int64_t next_offset_;
  std::vector<EncodedBatch> batches_;
  bool needs_sync_ = false;
  absl::Status appends_refused_;  // the disk is full
  Durability default_durability_ = Durability::kDefault;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_ENGINE_GROUP_COMMITTER_H_
