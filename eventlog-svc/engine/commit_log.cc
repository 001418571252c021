#include "eventlog-svc/engine/commit_log.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/storage/record_codec.h"
#include "eventlog-svc/storage/segment_format.h"
#include "glog/logging.h"

namespace eventlog {
namespace {

constexpr absl::Duration kQueueFullRetryDelay = absl::Milliseconds(100);
constexpr absl::Duration kDrainingRetryDelay = absl::Seconds(1);
constexpr absl::Duration kDiskFullRetryDelay = absl::Seconds(5);

int64_t BatchBytes(const AppendBatch& batch) {
  int64_t bytes = kBatchHeaderBytes;
  if (batch.producer.has_value()) bytes += static_cast<int64_t>(batch.producer->id.size());
  for (const EventBytes& event : batch.events) bytes += static_cast<int64_t>(event.wire.size() + kRecordOverheadMax);
  return bytes;
}

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

absl::Status StorageFailed(const absl::Status& status) {
  if (absl::IsUnavailable(status)) return status;
  return Error(absl::StatusCode::kUnavailable, "STORAGE_FAILED", status.message());
}

absl::Status PriorFailed() {
  return Error(absl::StatusCode::kAborted, "PRIOR_APPEND_FAILED", "an earlier append of this stream was refused");
}

absl::Status CheckExpected(const AppendBatch& batch, int64_t next_offset) {
  if (!batch.expected_next_offset.has_value() || *batch.expected_next_offset == next_offset) return absl::OkStatus();
  return Error(absl::StatusCode::kAborted, "OFFSET_MISMATCH",
               absl::StrCat("the next offset is ", next_offset, ", not ", *batch.expected_next_offset),
               {{"expected", absl::StrCat(*batch.expected_next_offset)}, {"actual", absl::StrCat(next_offset)}});
}

}  // namespace

CommitLog::CommitLog(CommitLogOptions options, std::unique_ptr<BatchStore> store, ProducerTable producers)
    : options_(std::move(options)),
      store_(std::move(store)),
      producers_(std::move(producers)),
      next_offset_(store_->next_offset()) {
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

absl::Status CommitLog::AdmitLocked(const AppendBatch& batch, int64_t bytes) const {
  if (batch.order != nullptr && batch.order->shut_out) return PriorFailed();
  const absl::Status shape = CheckShape(batch, bytes);
  if (!shape.ok()) return shape;
  if (!failure_.ok()) return failure_;
  if (closing_) {
    return WithRetryDelay(
        Error(absl::StatusCode::kUnavailable, "DRAINING", "the service is stopping; try again elsewhere or later"),
        kDrainingRetryDelay);
  }
  const int64_t records = static_cast<int64_t>(batch.events.size());
  if (!queue_.empty() &&
      (queue_records_ + records > options_.queue_records_max || queue_bytes_ + bytes > options_.queue_bytes_max)) {
    return WithRetryDelay(
        Error(absl::StatusCode::kResourceExhausted, "QUEUE_FULL",
              absl::StrCat("the append queue is full: ", queue_records_, " events, ", queue_bytes_, " bytes"),
              {{"log", options_.name}}),
        kQueueFullRetryDelay);
  }
  return absl::OkStatus();
}

void CommitLog::NoteQueueLocked(int64_t records, int64_t bytes) {
  queue_records_ += records;
  queue_bytes_ += bytes;
  metrics_.queue_records.store(queue_records_, std::memory_order_relaxed);
  metrics_.queue_bytes.store(queue_bytes_, std::memory_order_relaxed);
}

void CommitLog::Append(AppendBatch batch, AppendCallback done) {
  Waiting waiting{std::move(batch), std::move(done), 0, absl::Now()};
  waiting.bytes = BatchBytes(waiting.batch);
  absl::Status refused;
  {
    absl::MutexLock lock(&mutex_);
    refused = AdmitLocked(waiting.batch, waiting.bytes);
    if (refused.ok()) {
      NoteQueueLocked(static_cast<int64_t>(waiting.batch.events.size()), waiting.bytes);
      queue_.push_back(std::move(waiting));
      return;
    }
    if (waiting.batch.order != nullptr) waiting.batch.order->shut_out = true;
  }
  waiting.done(std::move(refused));
}

void CommitLog::Run() {
  while (true) {
    std::vector<Waiting> group = TakeGroup();
    if (group.empty()) return store_->Close();
    Commit(std::move(group));
  }
}

std::vector<CommitLog::Waiting> CommitLog::TakeGroup() {
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &CommitLog::HasWork));
  std::vector<Waiting> group;
  int64_t group_bytes = 0;
  while (!queue_.empty() && group_bytes < options_.group_bytes_max) {
    Waiting& front = queue_.front();
    NoteQueueLocked(-static_cast<int64_t>(front.batch.events.size()), -front.bytes);
    group_bytes += front.bytes;
    group.push_back(std::move(front));
    queue_.pop_front();
  }
  return group;
}

void CommitLog::Commit(std::vector<Waiting> group) {
  size_t group_bytes = 0;
  for (const Waiting& waiting : group) group_bytes += static_cast<size_t>(waiting.bytes);
  absl::Status written = health();
  // A group never lies in two segments: the state that a segment begins with is that of a group's border.
  if (written.ok() && store_->WantsRoll(group_bytes)) written = store_->Roll(producers_.Serialize());

  const absl::Time now = options_.clock ? options_.clock() : absl::Now();
  const absl::Time append_time = std::max(now, store_->last_append_time());
  std::vector<EncodedBatch> batches;
  std::vector<Answer> answers;
  answers.reserve(group.size());
  for (Waiting& waiting : group) answers.push_back(Decide(std::move(waiting), append_time, batches));
  if (written.ok() && !batches.empty()) written = WriteGroup(batches);

  if (written.ok()) {
    producers_.CommitStaged();
    if (!batches.empty()) listeners_.Tell(next_offset_);
  } else {
    written = DropGroup(std::move(written));
  }
  Send(std::move(answers), written);
}

absl::Status CommitLog::DropGroup(absl::Status written) {
  producers_.DropStaged();
  next_offset_ = store_->next_offset();
  if (absl::IsResourceExhausted(written)) return WithRetryDelay(std::move(written), kDiskFullRetryDelay);
  {
    absl::MutexLock lock(&mutex_);
    if (!failure_.ok()) return failure_;
    failure_ = written;
  }
  if (options_.on_failure) options_.on_failure(written);
  return written;
}

void CommitLog::Send(std::vector<Answer> answers, const absl::Status& written) {
  absl::flat_hash_set<const AppendOrder*> fallen;
  for (Answer& answer : answers) {
    AppendOrder* const order = answer.order.get();
    if (fallen.contains(order)) {
      answer.result = PriorFailed();
    } else if (answer.needs_commit && !written.ok()) {
      answer.result = written;
    }
    if (order != nullptr && !answer.result.ok()) {
      order->broken = true;
      fallen.insert(order);
    }
    metrics_.append_latency.Add(absl::Now() - answer.arrival);
    answer.done(std::move(answer.result));
  }
}

absl::StatusOr<std::optional<ProducerTable::Taken>> CommitLog::Compare(const AppendBatch& batch) const {
  if (batch.producer.has_value()) {
    absl::StatusOr<std::optional<ProducerTable::Taken>> checked =
        producers_.Check(*batch.producer, static_cast<int64_t>(batch.events.size()));
    // A repeat got its offsets when it was new: its expectation held then.
    if (!checked.ok() || checked->has_value()) return checked;
  }
  const absl::Status expected = CheckExpected(batch, next_offset_);
  if (!expected.ok()) return expected;
  return std::nullopt;
}

CommitLog::Answer CommitLog::Decide(Waiting waiting, absl::Time append_time, std::vector<EncodedBatch>& batches) {
  AppendBatch& batch = waiting.batch;
  const int64_t count = static_cast<int64_t>(batch.events.size());
  Answer answer{std::move(waiting.done), absl::StatusOr<AppendResult>(), waiting.arrival, batch.order, false};
  if (batch.order != nullptr && batch.order->broken) {
    answer.result = PriorFailed();
    return answer;
  }
  const absl::StatusOr<std::optional<ProducerTable::Taken>> repeated = Compare(batch);
  if (!repeated.ok()) {
    // It was compared with what this group writes: if the group falls, the comparison does too.
    answer.needs_commit = !batches.empty();
    if (batch.order != nullptr) batch.order->broken = true;
    answer.result = repeated.status();
    return answer;
  }
  if (repeated->has_value()) {
    const ProducerTable::Taken& taken = **repeated;
    metrics_.duplicates.fetch_add(1, std::memory_order_relaxed);
    answer.needs_commit = taken.staged;
    answer.result = AppendResult{taken.first_offset, taken.first_offset + count, taken.append_time, options_.durability,
                                 /*duplicate=*/true};
    return answer;
  }
  BatchHeader header;
  header.base_offset = next_offset_;
  header.append_time = append_time;
  header.synced_offset = store_->next_offset();
  header.producer = batch.producer;
  batches.push_back(EncodeBatch(std::move(header), batch.events));
  if (batch.producer.has_value()) producers_.Stage(*batch.producer, count, next_offset_, append_time);
  answer.needs_commit = true;
  answer.result = AppendResult{next_offset_, next_offset_ + count, append_time, options_.durability, false};
  next_offset_ += count;
  return answer;
}

absl::Status CommitLog::WriteGroup(std::vector<EncodedBatch>& batches) {
  absl::Status status = store_->Append(absl::MakeSpan(batches));
  if (absl::IsResourceExhausted(status)) {
    // The refusal is a promise too: what was cut off again must not come back after a power cut.
    const absl::Status cut = store_->Sync();
    return cut.ok() ? status : StorageFailed(cut);
  }
  if (!status.ok()) return StorageFailed(status);
  const absl::Time before = absl::Now();
  status = store_->Sync();
  metrics_.sync_latency.Add(absl::Now() - before);
  // Whatever the reason, also a full disk: it is not known what of the group is there.
  if (!status.ok()) return StorageFailed(status);
  store_->Publish();
  metrics_.groups.fetch_add(1, std::memory_order_relaxed);
  metrics_.batches.fetch_add(static_cast<int64_t>(batches.size()), std::memory_order_relaxed);
  for (const EncodedBatch& batch : batches) {
    metrics_.events.fetch_add(batch.header.count, std::memory_order_relaxed);
    metrics_.bytes.fetch_add(batch.header.length, std::memory_order_relaxed);
  }
  return absl::OkStatus();
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

}  // namespace eventlog
