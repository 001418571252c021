#include "eventlog-svc/engine/commit_log.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/storage/segment_format.h"

namespace eventlog {
namespace {

constexpr absl::Duration kQueueFullRetryDelay = absl::Milliseconds(100);
constexpr absl::Duration kDrainingRetryDelay = absl::Seconds(1);

absl::string_view DurabilityName(Durability durability) {
  switch (durability) {
    case Durability::kMemory:
      return "MEMORY";
    case Durability::kFsync:
      return "FSYNC";
    case Durability::kReplicated:
      return "REPLICATED";
    case Durability::kDefault:
      return "the default";
  }
  return "an unknown durability";
}

}  // namespace

CommitLog::CommitLog(CommitLogOptions options, std::unique_ptr<BatchStore> store, std::unique_ptr<LogState> state)
    : options_(std::move(options)),
      store_(std::move(store)),
      state_(std::move(state)),
      committer_({options_.durability, options_.clock, [this] { listeners_.Tell(*this); },
                  [this](const absl::Status& failure) { NoteFailure(failure); }},
                 *store_, *state_, metrics_) {
  std::thread([this] { Run(); }).swap(thread_);
}

CommitLog::~CommitLog() { Close(); }

absl::Status CommitLog::CheckShape(const AppendBatch& batch, int64_t bytes) const {
  if (batch.events.empty()) {
    return Error(absl::StatusCode::kInvalidArgument, "EMPTY_APPEND", "an append needs at least one event");
  }
  if (bytes > static_cast<int64_t>(kBatchBytesMax)) {
    return Error(absl::StatusCode::kInvalidArgument, "BATCH_TOO_LARGE",
                 absl::StrCat("a batch of ", bytes, " bytes cannot be stored; at most ", kBatchBytesMax));
  }
  if (batch.durability > options_.durability) {
    return Error(absl::StatusCode::kFailedPrecondition, "DURABILITY_UNSUPPORTED",
                 absl::StrCat("log ", options_.name, " reaches ", DurabilityName(options_.durability), ", not ",
                              DurabilityName(batch.durability)),
                 {{"log", options_.name}, {"supported", std::string(DurabilityName(options_.durability))}});
  }
  return absl::OkStatus();
}

absl::Status CommitLog::OpenLocked() const {
  if (deleted()) {
    return Error(absl::StatusCode::kNotFound, "LOG_NOT_FOUND",
                 absl::StrCat("the log \"", options_.name, "\" was deleted"), {{"log", options_.name}});
  }
  if (!failure_.ok()) return failure_;
  if (!closing_) return absl::OkStatus();
  return WithRetryDelay(DrainingError(), kDrainingRetryDelay);
}

absl::Status CommitLog::AdmitAppendLocked(const AppendBatch& batch, int64_t bytes) const {
  if (batch.order != nullptr && batch.order->shut_out) return PriorAppendError();
  absl::Status status = CheckShape(batch, bytes);
  if (status.ok()) status = OpenLocked();
  if (!status.ok()) return status;
  const int64_t records = static_cast<int64_t>(batch.events.size());
  if (queue_.records() > 0 &&
      (queue_.records() + records > options_.queue_records_max || queue_.bytes() + bytes > options_.queue_bytes_max)) {
    return WithRetryDelay(
        Error(absl::StatusCode::kResourceExhausted, "QUEUE_FULL",
              absl::StrCat("the append queue is full: ", queue_.records(), " events, ", queue_.bytes(), " bytes"),
              {{"log", options_.name}}),
        kQueueFullRetryDelay);
  }
  return absl::OkStatus();
}

absl::Status CommitLog::AdmitChangeLocked() const {
  absl::Status status = OpenLocked();
  if (!status.ok() || queue_.changes() < options_.queue_changes_max) return status;
  return WithRetryDelay(Error(absl::StatusCode::kResourceExhausted, "QUEUE_FULL",
                              absl::StrCat(queue_.changes(), " changes of the log wait"), {{"log", options_.name}}),
                        kQueueFullRetryDelay);
}

void CommitLog::NoteQueueLocked() {
  metrics_.queue_records.store(queue_.records(), std::memory_order_relaxed);
  metrics_.queue_bytes.store(queue_.bytes(), std::memory_order_relaxed);
}

void CommitLog::PushLocked(CommitRequest request) {
  queue_.Push(std::move(request));
  NoteQueueLocked();
}

void CommitLog::Append(AppendBatch batch, AppendCallback done) {
  CommitRequest request = MakeAppendRequest(std::move(batch), std::move(done), absl::Now());
  auto& append = std::get<CommitRequest::Append>(request.what);
  absl::Status refused;
  {
    absl::MutexLock lock(&mutex_);
    refused = AdmitAppendLocked(append.batch, request.bytes);
    if (refused.ok()) {
      PushLocked(std::move(request));
      return;
    }
    if (append.batch.order != nullptr) append.batch.order->shut_out = true;
  }
  append.done(std::move(refused));
}

void CommitLog::Change(LogChange change, ChangeCallback done) {
  CommitRequest request = MakeChangeRequest(std::move(change), std::move(done), absl::Now());
  absl::Status refused;
  {
    absl::MutexLock lock(&mutex_);
    refused = AdmitChangeLocked();
    if (refused.ok()) {
      PushLocked(std::move(request));
      return;
    }
  }
  std::get<CommitRequest::Change>(request.what).done(std::move(refused));
}

void CommitLog::Run() {
  absl::Time sync_due = absl::InfiniteFuture();
  for (bool closed = false; !closed;) {
    std::vector<CommitRequest> group = TakeGroup(sync_due, closed);
    if (!group.empty()) committer_.Commit(std::move(group));
    if (closed || absl::Now() >= sync_due) (void)committer_.SyncPublished();  // a failure is noted
    if (!committer_.has_unsynced() || !committer_.failure().ok()) {
      sync_due = absl::InfiniteFuture();
    } else if (sync_due == absl::InfiniteFuture()) {
      sync_due = absl::Now() + options_.sync_interval;
    }
  }
  store_->Close();
}

void CommitLog::NoteFailure(const absl::Status& failure) {
  {
    absl::MutexLock lock(&mutex_);
    failure_ = failure;
  }
  if (options_.on_failure) options_.on_failure(failure);
}

std::vector<CommitRequest> CommitLog::TakeGroup(absl::Time deadline, bool& closed) {
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithDeadline(absl::Condition(this, &CommitLog::HasWork), deadline);
  std::vector<CommitRequest> group = queue_.TakeGroup(options_.group_bytes_max);
  NoteQueueLocked();
  closed = closing_ && group.empty();
  return group;
}

absl::Status CommitLog::health() const {
  absl::MutexLock lock(&mutex_);
  return failure_;
}

void CommitLog::Close() {
  {
    absl::MutexLock lock(&mutex_);
    closing_ = true;
  }
  absl::call_once(joined_, [this] { thread_.join(); });
}

void CommitLog::Delete() {
  deleted_.store(true, std::memory_order_release);
  Close();
  listeners_.Tell(*this);
}

}  // namespace eventlog
