#include "eventlog-svc/client/batch_sender.h"

#include <algorithm>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "eventlog-svc/client/append_outcome.h"
#include "eventlog-svc/client/producer_id.h"
#include "eventlog-svc/client/rpc_error.h"
#include "glog/logging.h"
#include "proto/eventlog/v1/event_log.grpc.pb.h"

namespace eventlog {
namespace {

constexpr char kAnswerTooMany[] = "the service answered more than it was asked";

// What any gRPC server takes, unless it was told to take less.
constexpr int64_t kMessageBytesTaken = 4 * 1024 * 1024;

// Of a message, by gRPC itself; or of somebody's quota, between us and the service. The log's own limits have reasons.
bool IsTooLarge(const absl::Status& status) {
  return absl::IsResourceExhausted(status) && RpcErrorReason(status).empty();
}

void LogRejection(int64_t so_far, const absl::Status& status) {
  LOG_EVERY_N(WARNING, 100) << "event rejected (" << so_far << " so far): " << status;
}

}  // namespace

BatchSender::BatchSender(ServerList servers, BatchSenderOptions options)
    : BatchSender(std::move(servers), std::move(options), nullptr, {}) {}

BatchSender::BatchSender(ServerList servers, BatchSenderOptions options, std::unique_ptr<SpoolBatches> spool,
                         std::vector<AppendQueue::Batch> unanswered)
    : options_(std::move(options)),
      spool_(std::move(spool)),
      servers_(std::move(servers)),
      backoff_(options_.backoff, random_),
      queue_(options_.queue),
      producer_id_(spool_ == nullptr ? options_.producer_id : spool_->numbering().producer_id),
      epoch_(spool_ == nullptr ? options_.epoch : spool_->numbering().epoch),
      intake_(options_.queue.when_full, options_.event_bytes_max) {
  for (AppendQueue::Batch& batch : unanswered) queue_.AddBatch(std::move(batch));
  std::thread([this] { Run(); }).swap(thread_);
}

BatchSender::~BatchSender() { Stop(); }

absl::Status BatchSender::Append(v1::Event event, AppendDone done) {
  const auto bytes = static_cast<int64_t>(event.ByteSizeLong());
  EventIntake::Admission admission;
  int64_t rejected = 0;
  {
    absl::MutexLock lock(&mutex_);
    if (options_.queue.when_full == WhenFull::kBlock) AwaitRoomLocked(bytes, absl::Now() + options_.queue.block_max);
    admission = intake_.Admit(bytes, queue_, counters_);
    rejected = counters_.rejected;
    if (admission.goes_into_queue()) {
      queue_.Push({std::move(event), std::move(done), bytes, absl::InfinitePast(), /*spool_id=*/0});
    }
  }
  const absl::Status& why = admission.why_dropped;
  LOG_IF(WARNING, admission.burst_begins) << "event dropped, and more until there is room again: " << why;
  for (AppendQueue::Entry& entry : admission.displaced) {
    if (entry.done) entry.done(why);
  }
  if (options_.observer != nullptr && admission.dropped > 0) options_.observer->OnDropped(admission.dropped);
  if (admission.refused) return why;
  if (admission.rejected.ok()) {
    TellDepth();
  } else {
    LogRejection(rejected, admission.rejected);
    if (done) done(admission.rejected);
  }
  return absl::OkStatus();
}

bool BatchSender::AwaitRoomLocked(int64_t bytes, absl::Time deadline) {
  const auto has_room = [&]()
                            ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return intake_.closed() || queue_.HasRoom(bytes); };
  return (has_room() || mutex_.AwaitWithDeadline(absl::Condition(&has_room), deadline)) && !intake_.closed();
}

bool BatchSender::AwaitRoom(int64_t event_bytes, absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  return AwaitRoomLocked(event_bytes, deadline);
}

bool BatchSender::AwaitAnswered(absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  ++hurrying_;
  const bool answered = mutex_.AwaitWithDeadline(absl::Condition(this, &BatchSender::AllAnswered), deadline);
  --hurrying_;
  return answered;
}

void BatchSender::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    intake_.Close();
    stopping_ = true;
    if (stream_ != nullptr) stream_->Cancel();
  }
  if (thread_.joinable()) thread_.join();
  std::vector<AppendQueue::Entry> lost;
  absl::Status why = absl::UnavailableError("the log did not answer in time");
  int64_t burst = 0;
  {
    absl::MutexLock lock(&mutex_);
    burst = intake_.EndBurst();
    if (spool_ == nullptr) lost = RejectAll();
    if (!last_failure_.ok()) {
      why = absl::UnavailableError(absl::StrCat(why.message(), ": ", last_failure_.message()));
      last_failure_.ForEachPayload([&](absl::string_view url, const absl::Cord& cord) { why.SetPayload(url, cord); });
    }
  }
  LOG_IF(WARNING, burst > 0) << burst << " events were dropped, which ends with the client";
  LOG_IF(ERROR, !lost.empty()) << lost.size() << " events were not acknowledged: " << why;
  if (spool_ == nullptr) Finish(lost, why);
}

void BatchSender::Run() {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &BatchSender::HasWork));
      if (stopping_) break;
    }
    absl::Status status = TurnSpool();
    {
      absl::MutexLock lock(&mutex_);
      if (!spool_failure_.ok()) return;
      if (status.ok() && queue_.empty()) continue;
    }
    if (status.ok()) status = SendBatches();
    absl::Duration pause;
    {
      absl::MutexLock lock(&mutex_);
      queue_.Rewind();
      if (status.ok()) continue;  // it was begun anew on purpose
      if (stopping_) break;
      last_failure_ = status;
      pause = std::max(RpcRetryDelay(status).value_or(absl::ZeroDuration()), backoff_.Next());
    }
    servers_.Next();
    LOG_EVERY_N(WARNING, 20) << "appending goes on after a pause: " << status;
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(&stopping_), pause);
  }
  const absl::Status last = TurnSpool();
  LOG_IF(WARNING, !last.ok()) << "the spool keeps what the log has; it is sent once more: " << last;
}

absl::Status BatchSender::TurnSpool() {
  if (spool_ == nullptr) return absl::OkStatus();
  SpoolLedger::Work work;
  {
    absl::MutexLock lock(&mutex_);
    if (!ledger_.HasWork(queue_)) return absl::OkStatus();
    work = ledger_.Take(queue_, producer_id_, epoch_, /*last=*/stopping_);
  }
  absl::StatusOr<std::optional<AppendQueue::Batch>> next = work.Write(*spool_);
  absl::MutexLock lock(&mutex_);
  if (!next.ok()) {
    ledger_.PutBack(std::move(work));
    if (absl::IsDataLoss(next.status())) spool_failure_ = next.status();
    return next.status();
  }
  if (next->has_value()) {
    queue_.AddBatch(**std::move(next));
    epoch_ = spool_->numbering().epoch;
    ledger_.News();
  }
  return absl::OkStatus();
}

absl::Status BatchSender::SendBatches() {
  const auto stub = v1::EventLog::NewStub(servers_.channel());
  AppendCall stream;
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return absl::OkStatus();
    stream_ = &stream;
    answered_offset_ = 0;
    broken_ = false;
    verdict_.reset();
    ++counters_.connections;
  }
  const auto on_end = [this] {
    absl::MutexLock lock(&mutex_);
    broken_ = true;
  };
  stream.Start(*stub, {[this](const v1::AppendStreamResponse& response) { return HandleAnswer(response); }, on_end});
  const absl::Status given_up = WriteBatches(stream);
  if (!given_up.ok()) stream.Cancel();
  const absl::Status end = stream.Finish();
  std::optional<absl::Status> verdict;
  {
    absl::MutexLock lock(&mutex_);
    stream_ = nullptr;
    verdict = verdict_;
  }
  if (verdict.has_value()) return HandleError(*verdict);
  if (!given_up.ok()) return given_up;
  if (IsTooLarge(end)) return HandleTooLarge(end);
  return end.ok() ? absl::UnavailableError("the service ended the stream") : end;
}

absl::Status BatchSender::WriteBatches(AppendCall& stream) {
  while (true) {
    v1::AppendRequest request;
    std::shared_ptr<AppendQueue::Batch> batch;
    {
      absl::MutexLock lock(&mutex_);
      AwaitSomethingToSend();
      if (stopping_ || broken_) return absl::OkStatus();
      if (HasNext()) {
        batch = queue_.TakeNext();
        if (batch->times_sent > 1) counters_.resent += static_cast<int64_t>(batch->entries.size());
        request = RequestFor(*batch);
      }
    }
    if (batch != nullptr && !stream.WriteBatch(request, *batch)) return absl::OkStatus();
    if (absl::Status turned = TurnSpool(); !turned.ok()) return turned;
  }
}

void BatchSender::AwaitSomethingToSend() {
  while (!CanSend()) {
    // One that is over is nothing to wait for, until a clock that is set back begins it again.
    const absl::Time deadline = queue_.LingerEndAfter(absl::Now());
    const auto changed = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return CanSend() || queue_.LingerEndAfter(absl::Now()) != deadline;
    };
    mutex_.AwaitWithDeadline(absl::Condition(&changed), deadline);
  }
}

v1::AppendRequest BatchSender::RequestFor(const AppendQueue::Batch& batch) const {
  v1::AppendRequest request;
  request.set_log(options_.log);
  request.mutable_producer()->set_id(producer_id_);
  request.mutable_producer()->set_epoch(epoch_);
  request.mutable_producer()->set_first_sequence(batch.first_sequence);
  return request;
}

bool BatchSender::HandleAnswer(const v1::AppendStreamResponse& response) {
  if (response.has_appended()) return HandleAppended(response.appended());
  absl::Status status = FromRpcStatus(response.error());
  if (status.ok()) status = absl::InternalError("the service's answer has neither a result nor an error");
  absl::MutexLock lock(&mutex_);
  verdict_ = status;
  return false;
}

bool BatchSender::HandleAppended(const v1::AppendResponse& appended) {
  std::shared_ptr<AppendQueue::Batch> batch;
  int64_t burst = 0;
  {
    absl::MutexLock lock(&mutex_);
    // Batches are in the log in the order of their numbers, repeats too: an offset that falls belongs to another
    // answer.
    if (queue_.sent() == 0 || appended.first_offset() < answered_offset_) {
      verdict_ = absl::InternalError(kAnswerTooMany);
      return false;
    }
    answered_offset_ = appended.next_offset();
    batch = queue_.PopAnswered();
    counters_.acknowledged += static_cast<int64_t>(batch->entries.size());
    suspects_ = std::max(suspects_ - 1, 0);
    last_failure_ = absl::OkStatus();
    if (spool_ != nullptr) ledger_.Answered(*batch);
    burst = intake_.EndBurst(queue_);
    ++finishing_;
  }
  LOG_IF(WARNING, burst > 0) << burst << " events were dropped, which is over: there is room again";
  AppendOutcome(appended.first_offset(), appended.duplicate()).Observe(*batch, options_.observer);
  TellDepth();
  Finish(batch->entries, appended.first_offset());
  return true;
}

absl::Status BatchSender::HandleError(const absl::Status& status) {
  const std::string reason = RpcErrorReason(status);
  if (reason == "PRODUCER_FENCED") return HandleFence(status);
  if (reason == "SEQUENCE_GAP") {
    LOG(WARNING) << "the service does not know us any more; beginning a new numbering: " << status;
    absl::MutexLock lock(&mutex_);
    Renumber(epoch_ + 1);
    return status;
  }
  if (absl::IsInternal(status) && reason.empty()) LOG(ERROR) << "connecting anew: " << status;
  if (IsTransient(status)) return status;
  return HandleRefusal(status);
}

void BatchSender::Renumber(int64_t epoch) {
  epoch_ = epoch;
  queue_.Renumber();
  ledger_.Replaced();
}

// Batches behind the refused one were not stored: the stream's order broke with it, now and on every connection before.
// They are numbered anew, in a new epoch, because the refused numbers will never come.
absl::Status BatchSender::HandleRefusal(const absl::Status& status) {
  std::shared_ptr<AppendQueue::Batch> refused;
  int64_t so_far = 0;
  {
    absl::MutexLock lock(&mutex_);
    if (queue_.sent() == 0) return absl::InternalError(kAnswerTooMany);
    std::shared_ptr<AppendQueue::Batch> batch = queue_.PopAnswered();
    // An invalid argument can be the fault of one event, and too many bytes that of all together; any other refusal
    // holds for each of them.
    if ((absl::IsInvalidArgument(status) || IsTooLarge(status)) && batch->entries.size() > 1) {
      queue_.Split(*batch);
      if (suspects_ > 0) ++suspects_;
    } else {
      refused = std::move(batch);
      so_far = counters_.rejected += static_cast<int64_t>(refused->entries.size());
      suspects_ = std::max(suspects_ - 1, 0);
      if (spool_ != nullptr) ledger_.Refused(*refused, status);
      ++finishing_;
    }
    Renumber(epoch_ + 1);
  }
  if (refused == nullptr) return absl::OkStatus();
  LogRejection(so_far, status);
  AppendOutcome(status).Observe(*refused, options_.observer);
  Finish(refused->entries, status);
  return absl::OkStatus();
}

// The call's status does not say which message it was that could not be read, and batches before it may be stored:
// only one that was sent alone is refused for it.
absl::Status BatchSender::HandleTooLarge(const absl::Status& status) {
  {
    absl::MutexLock lock(&mutex_);
    // No message was that large: it is a quota, which passes.
    if (queue_.sent_bytes_max() <= kMessageBytesTaken) return status;
    suspects_ = std::max(suspects_, queue_.sent());
    if (queue_.sent() > 1) return absl::OkStatus();
  }
  return HandleRefusal(status);
}

absl::Status BatchSender::HandleFence(const absl::Status& status) {
  std::vector<AppendQueue::Entry> refused;
  {
    absl::MutexLock lock(&mutex_);
    if (spool_ != nullptr) {
      // The name is the spool's own: a copy of its folder has it, too. The fenced batch is not in the log under our
      // epoch, unless it was sent before on another connection.
      producer_id_ = NewProducerId();
      Renumber(/*epoch=*/0);
    } else {
      intake_.Fence(status);
      refused = RejectAll();
    }
  }
  if (spool_ != nullptr) {
    LOG(WARNING) << "a copy of the spool sends under its name: this one goes on under another: " << status;
    return absl::OkStatus();
  }
  LOG(ERROR) << "another client appends under this producer's name; this one rejects " << refused.size()
             << " events and all that follow: " << status;
  Finish(refused, status);
  return absl::OkStatus();
}

std::vector<AppendQueue::Entry> BatchSender::RejectAll() {
  std::vector<AppendQueue::Entry> entries = queue_.Clear();
  counters_.rejected += static_cast<int64_t>(entries.size());
  ++finishing_;
  return entries;
}

void BatchSender::Finish(std::vector<AppendQueue::Entry>& entries, const absl::StatusOr<int64_t>& first_offset) {
  AppendOutcome(first_offset).CallDone(entries);
  absl::MutexLock lock(&mutex_);
  if (first_offset.ok()) backoff_.Reset();
  --finishing_;
}

void BatchSender::TellDepth() {
  if (options_.observer == nullptr) return;
  int64_t events = 0, bytes = 0;
  {
    absl::MutexLock lock(&mutex_);
    events = queue_.events();
    bytes = queue_.bytes();
  }
  options_.observer->OnQueueDepth(events, bytes);
}

}  // namespace eventlog
