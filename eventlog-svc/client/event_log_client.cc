#include "eventlog-svc/client/event_log_client.h"

#include <algorithm>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "eventlog-svc/client/rpc_error.h"
#include "glog/logging.h"

namespace eventlog {
namespace {

std::string NewProducerId() {
  absl::BitGen random;
  return absl::StrFormat("%016x%016x", absl::Uniform<uint64_t>(random), absl::Uniform<uint64_t>(random));
}

}  // namespace

EventLogClient::EventLogClient(const std::shared_ptr<grpc::Channel>& channel, EventLogClientOptions options)
    : options_(std::move(options)),
      stub_(v1::EventLog::NewStub(channel)),
      backoff_(options_.backoff, random_),
      queue_(options_.queue),
      producer_id_(options_.producer_id.empty() ? NewProducerId() : options_.producer_id),
      // A named producer that starts again must come with a higher epoch than before: the clock's.
      epoch_(options_.producer_id.empty() ? 0 : absl::ToUnixMicros(absl::Now())) {
  std::thread([this] { Run(); }).swap(thread_);
}

EventLogClient::~EventLogClient() { Close(absl::InfinitePast()); }

absl::Status EventLogClient::AppendEvent(v1::Event event, AppendDone done) {
  const int64_t bytes = static_cast<int64_t>(event.ByteSizeLong());
  {
    absl::MutexLock lock(&mutex_);
    if (closed_ || !queue_.HasRoom(bytes)) {
      ++counters_.dropped;
      LOG_EVERY_N(WARNING, 1000) << "event dropped (" << counters_.dropped
                                 << " so far): " << (closed_ ? "the client is closed" : "its queue is full");
      return closed_ ? absl::UnavailableError("the client is closed")
                     : absl::ResourceExhaustedError("the client's queue is full");
    }
    ++counters_.queued;
    if (bytes <= options_.event_bytes_max) {
      queue_.Push({std::move(event), std::move(done), bytes});
      return absl::OkStatus();
    }
    ++counters_.rejected;
  }
  const absl::Status status =
      absl::InvalidArgumentError(absl::StrCat("the event has ", bytes, " bytes; at most ", options_.event_bytes_max));
  LOG(WARNING) << "event rejected: " << status;
  if (done) done(status);
  return absl::OkStatus();
}

bool EventLogClient::WaitForRoom(int64_t event_bytes, absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  const auto has_room = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return closed_ || queue_.HasRoom(event_bytes); };
  return mutex_.AwaitWithDeadline(absl::Condition(&has_room), deadline) && !closed_;
}

bool EventLogClient::Flush(absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithDeadline(absl::Condition(this, &EventLogClient::AllAnswered), deadline);
}

bool EventLogClient::Close(absl::Time deadline) {
  absl::MutexLock close_lock(&close_mutex_);
  {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
  }
  const bool flushed = Flush(deadline);
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    if (context_ != nullptr) context_->TryCancel();
  }
  if (thread_.joinable()) thread_.join();
  std::vector<AppendQueue::Entry> lost;
  {
    absl::MutexLock lock(&mutex_);
    lost = queue_.Clear();
    counters_.rejected += static_cast<int64_t>(lost.size());
  }
  LOG_IF(ERROR, !lost.empty()) << lost.size() << " events were not acknowledged before the client closed";
  for (AppendQueue::Entry& entry : lost) {
    if (entry.done) entry.done(absl::UnavailableError("the client closed before the log answered"));
  }
  return flushed;
}

EventLogClientCounters EventLogClient::counters() const {
  absl::MutexLock lock(&mutex_);
  return counters_;
}

void EventLogClient::Run() {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &EventLogClient::HasWork));
      if (stopping_) return;
    }
    const absl::Status status = SendBatches();
    absl::MutexLock lock(&mutex_);
    if (stopping_) return;
    queue_.Rewind();
    if (status.ok()) continue;  // it was begun anew on purpose
    LOG_EVERY_N(WARNING, 20) << "appending goes on after a pause: " << status;
    const absl::Duration pause = std::max(retry_delay_, backoff_.Next());
    retry_delay_ = absl::ZeroDuration();
    mutex_.AwaitWithTimeout(absl::Condition(&stopping_), pause);
  }
}

absl::Status EventLogClient::SendBatches() {
  grpc::ClientContext context;
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return absl::OkStatus();
    context_ = &context;
    broken_ = false;
    ++counters_.connections;
  }
  const auto stream = stub_->AppendStream(&context);
  std::thread reader([&] { ReadAnswers(*stream); });
  while (true) {
    v1::AppendRequest request;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &EventLogClient::CanSend));
      if (stopping_ || broken_) break;
      request = ToRequest(queue_.TakeNext());
    }
    if (!stream->Write(request)) break;
  }
  bool anew = false;
  {
    absl::MutexLock lock(&mutex_);
    anew = broken_ && begin_anew_;
    begin_anew_ = false;
  }
  context.TryCancel();
  reader.join();
  const absl::Status status = FromGrpcStatus(stream->Finish());
  absl::MutexLock lock(&mutex_);
  context_ = nullptr;
  if (anew) return absl::OkStatus();
  return status.ok() ? absl::UnavailableError("the service ended the stream") : status;
}

v1::AppendRequest EventLogClient::ToRequest(const AppendQueue::Batch& batch) const {
  v1::AppendRequest request;
  request.set_log(options_.log);
  request.mutable_producer()->set_id(producer_id_);
  request.mutable_producer()->set_epoch(epoch_);
  request.mutable_producer()->set_first_sequence(batch.first_sequence);
  for (const AppendQueue::Entry& entry : batch.entries) *request.add_events() = entry.event;
  return request;
}

void EventLogClient::ReadAnswers(grpc::ClientReaderWriter<v1::AppendRequest, v1::AppendStreamResponse>& stream) {
  v1::AppendStreamResponse response;
  while (stream.Read(&response)) {
    if (!HandleAnswer(response)) break;
  }
  absl::MutexLock lock(&mutex_);
  broken_ = true;
  if (context_ != nullptr) context_->TryCancel();
}

bool EventLogClient::HandleAnswer(const v1::AppendStreamResponse& response) {
  if (response.has_appended()) {
    Answered answered;
    {
      absl::MutexLock lock(&mutex_);
      if (!AnswerIsExpected()) return false;
      answered = {queue_.PopAnswered(), response.appended().first_offset()};
      counters_.acknowledged += static_cast<int64_t>(answered.batch.entries.size());
      ++finishing_;
    }
    Finish(std::move(answered));
    return true;
  }
  const absl::Status status = FromRpcStatus(response.error());
  const std::string reason = RpcErrorReason(status);
  if (reason == "SEQUENCE_GAP" || reason == "PRODUCER_FENCED") {
    // The service does not know us (its memory is gone, or it forgot us for others), or somebody has our name.
    LOG(WARNING) << "beginning a new numbering: " << status;
    TakeNewIdentity(/*new_id=*/reason == "PRODUCER_FENCED");
  } else if (IsTransient(status)) {
    absl::MutexLock lock(&mutex_);
    broken_ = true;
    retry_delay_ = RpcRetryDelay(status).value_or(absl::ZeroDuration());
  } else {
    HandleRefusal(status);
  }
  return false;
}

void EventLogClient::TakeNewIdentity(bool new_id) {
  absl::MutexLock lock(&mutex_);
  if (new_id) producer_id_ = NewProducerId();
  ++epoch_;
  queue_.Renumber();
  broken_ = true;
}

bool EventLogClient::AnswerIsExpected() const {
  if (queue_.sent() > 0) return true;
  LOG(ERROR) << "the service answered more than it was asked; connecting anew";
  return false;
}

// Batches behind the refused one were not stored: the stream's order broke with it, now and on every connection before.
// They are numbered anew, in a new epoch, because the refused numbers will never come.
void EventLogClient::HandleRefusal(const absl::Status& status) {
  Answered answered;
  {
    absl::MutexLock lock(&mutex_);
    if (!AnswerIsExpected()) return;
    answered = {queue_.PopAnswered(), status};
    // Only an invalid argument can be the fault of one event; any other refusal holds for each of them.
    if (absl::IsInvalidArgument(status) && answered.batch.entries.size() > 1) {
      queue_.Split(std::move(answered.batch));
      answered.batch.entries.clear();
    } else {
      counters_.rejected += static_cast<int64_t>(answered.batch.entries.size());
      ++finishing_;
      LOG_EVERY_N(WARNING, 100) << "event rejected (" << counters_.rejected << " so far): " << status;
    }
    ++epoch_;
    queue_.Renumber();
    broken_ = begin_anew_ = true;
    if (answered.batch.entries.empty()) return;
  }
  Finish(std::move(answered));
}

void EventLogClient::Finish(Answered answered) {
  int64_t index = 0;
  for (AppendQueue::Entry& entry : answered.batch.entries) {
    const int64_t place = index++;
    if (!entry.done) continue;
    if (answered.first_offset.ok()) {
      entry.done(*answered.first_offset + place);
    } else {
      entry.done(answered.first_offset.status());
    }
  }
  absl::MutexLock lock(&mutex_);
  if (answered.first_offset.ok()) backoff_.Reset();
  --finishing_;
}

}  // namespace eventlog
