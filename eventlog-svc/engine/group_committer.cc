#include "eventlog-svc/engine/group_committer.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/storage/record_codec.h"
#include "eventlog-svc/storage/segment_format.h"
#include "glog/logging.h"

namespace eventlog {
namespace {

constexpr absl::Duration kDiskFullRetryDelay = absl::Seconds(5);
// Of a log that is kept by bytes.
constexpr int64_t kSegmentsKept = 8;
constexpr int64_t kSegmentBytesMin = 64 * 1024;
constexpr int64_t kRoomForTrims = 32 * 1024;
// About what a change takes as it is stored, besides its names.
constexpr int64_t kChangeBytes = 512;

int64_t BatchBytes(const AppendBatch& batch) {
  size_t bytes = kBatchHeaderBytes + batch.events.byte_size() + batch.events.size() * kRecordOverheadMax;
  if (batch.producer.has_value()) bytes += batch.producer->id.size();
  return static_cast<int64_t>(bytes);
}

absl::Status StorageFailed(const absl::Status& status) {
  if (absl::IsUnavailable(status)) return status;
  return Error(absl::StatusCode::kUnavailable, "STORAGE_FAILED", status.message());
}

absl::Status CheckExpected(const AppendBatch& batch, int64_t next_offset) {
  if (!batch.expected_next_offset.has_value() || *batch.expected_next_offset == next_offset) return absl::OkStatus();
  return Error(absl::StatusCode::kAborted, "OFFSET_MISMATCH",
               absl::StrCat("the next offset is ", next_offset, ", not ", *batch.expected_next_offset),
               {{"expected", absl::StrCat(*batch.expected_next_offset)}, {"actual", absl::StrCat(next_offset)}});
}

}  // namespace

CommitRequest MakeAppendRequest(AppendBatch batch, AppendCallback done, absl::Time arrival) {
  const int64_t records = static_cast<int64_t>(batch.events.size()), bytes = BatchBytes(batch);
  return {CommitRequest::Append{std::move(batch), std::move(done)}, records, bytes, arrival};
}

CommitRequest MakeChangeRequest(LogChange change, ChangeCallback done, absl::Time arrival) {
  return {CommitRequest::Change{std::move(change), std::move(done)}, 0, kChangeBytes, arrival};
}

absl::Status GroupCommitter::Answer::status() const {
  return std::visit([](const auto& any) { return any.status(); }, result);
}

AppendOrder* GroupCommitter::Answer::order() const {
  const auto* append = std::get_if<CommitRequest::Append>(&request.what);
  return append != nullptr ? append->batch.order.get() : nullptr;
}

GroupCommitter::GroupCommitter(GroupCommitterOptions options, BatchStore& store, LogState& state,
                               CommitMetrics& metrics)
    : options_(std::move(options)),
      store_(store),
      state_(state),
      metrics_(metrics),
      next_offset_(store_.next_offset()) {}

void GroupCommitter::Commit(std::vector<CommitRequest> group) {
  bounds_ = store_.size().bounds;
  default_durability_ = state_.settings().default_durability;
  if (default_durability_ == Durability::kDefault) default_durability_ = options_.durability_max;
  append_time_ = std::max(options_.clock(), store_.last_append_time());
  batches_.clear();
  needs_sync_ = false;
  absl::Status written = failure_.ok() ? RollFor(group) : failure_;
  // Changes alone find room without a roll, so that a full disk can be trimmed.
  appends_refused_ = absl::OkStatus();
  if (absl::IsResourceExhausted(written)) std::swap(appends_refused_, written);
  std::vector<Answer> answers;
  answers.reserve(group.size());
  for (CommitRequest& request : group) answers.push_back(Decide(std::move(request)));
  AddStateBatch();
  if (written.ok()) written = Write();
  if (written.ok()) Send(answers, written, /*early=*/true);
  if (written.ok() && needs_sync_) written = SyncStore();
  if (written.ok()) {
    Publish();
  } else {
    written = DropGroup(std::move(written));
  }
  Send(answers, written, /*early=*/false);
}

void GroupCommitter::AddStateBatch() {
  const std::string change = state_.DescribeStaged();
  if (change.empty()) return;
  BatchHeader header;
  header.base_offset = next_offset_;
  header.append_time = append_time_;
  header.synced_offset = store_.synced_offset();
  batches_.push_back(EncodeStateBatch(std::move(header), change));
  needs_sync_ = true;
}

// Between two groups only, so that no group lies in two segments: the state that a segment begins with is that of a
// group's border.
absl::Status GroupCommitter::RollFor(const std::vector<CommitRequest>& group) {
  size_t bytes = 0;
  for (const CommitRequest& request : group) bytes += static_cast<size_t>(request.bytes);
  // A log that is kept by bytes, which go in whole segments, has several.
  const int64_t kept = state_.settings().bytes_max;
  const int64_t segment_bytes_max = kept > 0 ? std::max(kept / kSegmentsKept, kSegmentBytesMin) : 0;
  return store_.WantsRoll(bytes, segment_bytes_max) ? Roll() : absl::OkStatus();
}

absl::Status GroupCommitter::Roll() {
  const absl::Status synced = SyncPublished();
  if (!synced.ok()) return synced;
  absl::Status rolled = store_.Roll(state_.Serialize());
  if (absl::IsResourceExhausted(rolled)) return WithRetryDelay(std::move(rolled), kDiskFullRetryDelay);
  return rolled.ok() ? rolled : Fail(StorageFailed(rolled));
}

Durability GroupCommitter::Resolve(Durability asked) const {
  return asked == Durability::kDefault ? default_durability_ : asked;
}

absl::StatusOr<std::optional<ProducerTable::Taken>> GroupCommitter::Compare(const AppendBatch& batch) const {
  if (batch.producer.has_value()) {
    absl::StatusOr<std::optional<ProducerTable::Taken>> checked =
        state_.producers().Check(*batch.producer, static_cast<int64_t>(batch.events.size()));
    // A repeat got its offsets when it was new: its expectation held then.
    if (!checked.ok() || checked->has_value()) return checked;
  }
  const absl::Status expected = CheckExpected(batch, next_offset_);
  if (!expected.ok()) return expected;
  return std::nullopt;
}

GroupCommitter::Answer GroupCommitter::Decide(CommitRequest request) {
  Answer answer;
  answer.request = std::move(request);
  auto* const change = std::get_if<CommitRequest::Change>(&answer.request.what);
  if (!failure_.ok()) {
    // No refusal either: what it would go by may not be what a restart finds.
    if (change == nullptr) answer.result = absl::StatusOr<AppendResult>(failure_);
    if (change != nullptr) answer.result = absl::StatusOr<Cursor>(failure_);
    return answer;
  }
  if (change != nullptr) {
    DecideChange(change->change, answer);
    return answer;
  }
  AppendBatch& batch = std::get<CommitRequest::Append>(answer.request.what).batch;
  absl::StatusOr<AppendResult> result = DecideAppend(batch, answer);
  if (!result.ok() && batch.order != nullptr) batch.order->broken = true;
  answer.result = std::move(result);
  return answer;
}

void GroupCommitter::DecideChange(const LogChange& change, Answer& answer) {
  // On a full disk the last of the room is for what frees space.
  const bool frees = std::holds_alternative<TrimLog>(change) || std::holds_alternative<ChangeSettings>(change) ||
                     std::holds_alternative<DeleteCursor>(change);
  if (!appends_refused_.ok() && !frees && store_.StateRoom() < kRoomForTrims) {
    answer.result = absl::StatusOr<Cursor>(appends_refused_);
    return;
  }
  answer.result = state_.Stage(change, bounds_, append_time_);
  // Also a refusal may come from what was staged before it in this group.
  answer.needs_commit = true;
}

absl::StatusOr<AppendResult> GroupCommitter::DecideAppend(AppendBatch& batch, Answer& answer) {
  const int64_t count = static_cast<int64_t>(batch.events.size());
  const Durability durability = Resolve(batch.durability);
  if (batch.order != nullptr && batch.order->broken) return PriorAppendError();
  const absl::StatusOr<std::optional<ProducerTable::Taken>> repeated = Compare(batch);
  if (!repeated.ok()) {
    // It was compared with what this group writes, or with what an earlier one wrote and none has synced: if the group
    // falls, the comparison does too.
    answer.needs_commit = !batches_.empty() || has_unsynced();
    return repeated.status();
  }
  if (repeated->has_value()) return Repeat(**repeated, count, durability, answer);
  if (!appends_refused_.ok()) return appends_refused_;
  BatchHeader header;
  header.base_offset = next_offset_;
  header.append_time = append_time_;
  header.synced_offset = store_.synced_offset();
  header.producer = batch.producer;
  batches_.push_back(EncodeBatch(std::move(header), batch.events));
  if (batch.producer.has_value()) state_.producers().Stage(*batch.producer, count, next_offset_, append_time_);
  answer.needs_commit = true;
  // Behind one of its stream that waits for the sync it waits too: if that one falls, it must.
  answer.is_early = durability < default_durability_ && (batch.order == nullptr || !batch.order->awaits_sync);
  if (batch.order != nullptr) batch.order->awaits_sync = !answer.is_early;
  needs_sync_ = needs_sync_ || std::max(durability, default_durability_) > Durability::kMemory;
  const AppendResult result{next_offset_, next_offset_ + count, append_time_, durability, /*duplicate=*/false};
  next_offset_ += count;
  return result;
}

AppendResult GroupCommitter::Repeat(const ProducerTable::Taken& taken, int64_t count, Durability asked,
                                    Answer& answer) {
  metrics_.duplicates.fetch_add(1, std::memory_order_relaxed);
  const bool is_synced = !taken.staged && taken.first_offset < store_.synced_offset();
  answer.needs_commit = !is_synced;
  if (!is_synced && asked > Durability::kMemory) needs_sync_ = true;
  return {taken.first_offset, taken.first_offset + count, taken.append_time, asked, /*duplicate=*/true};
}

absl::Status GroupCommitter::Write() {
  if (batches_.empty()) return absl::OkStatus();
  absl::Status status = store_.Append(absl::MakeSpan(batches_));
  if (status.ok()) return status;
  if (!absl::IsResourceExhausted(status)) return StorageFailed(status);
  // The refusal is a promise too: what was cut off again must not come back after a power cut.
  const absl::Status cut = store_.Sync();
  return cut.ok() ? status : StorageFailed(cut);
}

absl::Status GroupCommitter::SyncStore() {
  const absl::Time before = absl::Now();
  const absl::Status status = store_.Sync();
  metrics_.sync_latency.Add(absl::Now() - before);
  // Whatever the reason, also a full disk: it is not known what of the group is there.
  return status.ok() ? status : StorageFailed(status);
}

absl::Status GroupCommitter::SyncPublished() {
  if (!failure_.ok() || !has_unsynced()) return failure_;
  const absl::Status synced = SyncStore();
  return synced.ok() ? synced : Fail(synced);
}

void GroupCommitter::Publish() {
  state_.CommitStaged();
  if (batches_.empty()) return;
  store_.Publish();
  metrics_.groups.fetch_add(1, std::memory_order_relaxed);
  for (const EncodedBatch& batch : batches_) {
    metrics_.batches.fetch_add(batch.header.count > 0 ? 1 : 0, std::memory_order_relaxed);
    metrics_.events.fetch_add(batch.header.count, std::memory_order_relaxed);
    metrics_.bytes.fetch_add(batch.header.length, std::memory_order_relaxed);
  }
  TrimStore();
  if (options_.on_published) options_.on_published();
}

void GroupCommitter::TrimStore() {
  const int64_t start = state_.start_offset();
  if (start <= store_.size().bounds.start_offset) return;
  // The active segment holds nothing that is kept: a new one lets its space go. Not for a small one, and not urgent.
  if (start == store_.next_offset() && store_.HoldsMuch()) {
    const absl::Status rolled = Roll();
    LOG_IF(WARNING, !rolled.ok()) << "trimmed, but the space is not free yet: " << rolled;
  }
  store_.Trim(start);
}

absl::Status GroupCommitter::DropGroup(absl::Status written) {
  state_.DropStaged();
  next_offset_ = store_.next_offset();
  if (absl::IsResourceExhausted(written)) return WithRetryDelay(std::move(written), kDiskFullRetryDelay);
  return Fail(std::move(written));
}

const absl::Status& GroupCommitter::Fail(absl::Status status) {
  if (failure_.ok()) {
    failure_ = std::move(status);
    if (options_.on_failure) options_.on_failure(failure_);
  }
  return failure_;
}

void GroupCommitter::Send(std::vector<Answer>& answers, const absl::Status& written, bool early) {
  const absl::Time now = absl::Now();
  absl::flat_hash_set<const AppendOrder*> fallen;
  for (Answer& answer : answers) {
    if (answer.is_sent || (early && !answer.is_early)) continue;
    answer.is_sent = true;
    AppendOrder* const order = answer.order();
    if (order != nullptr && fallen.contains(order)) {
      answer.result = absl::StatusOr<AppendResult>(PriorAppendError());
    } else if (answer.needs_commit && !written.ok()) {
      std::visit([&](auto& any) { any = written; }, answer.result);
    }
    if (order != nullptr) order->awaits_sync = false;
    if (order != nullptr && !answer.status().ok()) {
      order->broken = true;
      fallen.insert(order);
    }
    metrics_.append_latency.Add(now - answer.request.arrival);
    if (auto* append = std::get_if<CommitRequest::Append>(&answer.request.what)) {
      append->done(std::move(std::get<absl::StatusOr<AppendResult>>(answer.result)));
    } else {
      auto& change = std::get<CommitRequest::Change>(answer.request.what);
      change.done(std::move(std::get<absl::StatusOr<Cursor>>(answer.result)));
    }
  }
}

}  // namespace eventlog
