#include "eventlog-svc/client/event_stream.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/client/rpc_error.h"

namespace eventlog {

EventStream::EventStream(const std::shared_ptr<grpc::Channel>& channel, EventStreamOptions options,
                         EventStreamHandler& handler)
    : stub_(v1::EventLog::NewStub(channel)),
      handler_(handler),
      request_(std::move(options.request)),
      backoff_(options.backoff, random_) {
  std::thread([this] { Run(); }).swap(thread_);
}

EventStream::~EventStream() { Stop(); }

void EventStream::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    if (context_ != nullptr) context_->TryCancel();
  }
  if (thread_.joinable()) thread_.join();
}

bool EventStream::Pause(absl::Duration delay) {
  absl::MutexLock lock(&mutex_);
  return !mutex_.AwaitWithTimeout(absl::Condition(&stopping_), delay);
}

void EventStream::Run() {
  while (true) {
    bool over = false;
    retry_delay_ = absl::ZeroDuration();
    const absl::Status status = Follow(over);
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) return;
    }
    if (over || !(status.ok() || IsTransient(status))) {
      handler_.OnEnded(over ? over_status_ : status);
      return;
    }
    handler_.OnDisconnected(status);
    if (!Pause(std::max(retry_delay_, backoff_.Next()))) return;
  }
}

absl::Status EventStream::Follow(bool& over) {
  if (next_offset_.has_value()) request_.set_offset(*next_offset_);
  grpc::ClientContext context;
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return absl::CancelledError("stopping");
    context_ = &context;
  }
  const auto reader = stub_->Subscribe(&context, request_);
  v1::SubscribeResponse message;
  while (!over && reader->Read(&message)) over = !Handle(message);
  if (over) context.TryCancel();
  const grpc::Status status = reader->Finish();
  absl::MutexLock lock(&mutex_);
  context_ = nullptr;
  return FromGrpcStatus(status);
}

bool EventStream::Handle(v1::SubscribeResponse& message) {
  switch (message.message_case()) {
    case v1::SubscribeResponse::kStarted:
      return HandleStarted(message.started());
    case v1::SubscribeResponse::kBatch:
      HandleBatch(*message.mutable_batch());
      return true;
    case v1::SubscribeResponse::kCaughtUp:
      next_offset_ = message.caught_up().next_offset();
      handler_.OnCaughtUp(*next_offset_);
      return true;
    case v1::SubscribeResponse::kHeartbeat:
      next_offset_ = message.heartbeat().next_offset();
      handler_.OnHeartbeat(*next_offset_);
      return true;
    case v1::SubscribeResponse::kGap:
      next_offset_ = message.gap().next_offset();
      handler_.OnGap(message.gap());
      return true;
    case v1::SubscribeResponse::kEnding:
      retry_delay_ = absl::Seconds(message.ending().retry_delay().seconds()) +
                     absl::Nanoseconds(message.ending().retry_delay().nanos());
      over_status_ = absl::OkStatus();
      return message.ending().reason() != v1::ENDING_REASON_UNTIL_REACHED;
    case v1::SubscribeResponse::MESSAGE_NOT_SET:
      return true;  // a kind of message that this version does not know
  }
  return true;
}

bool EventStream::HandleStarted(const v1::SubscribeResponse::Started& started) {
  if (epoch_.empty()) {
    epoch_ = started.epoch();
    next_offset_ = started.next_offset();
    // "Caught up" means the head as it was at the first start, also after a reconnection.
    if (request_.has_until_caught_up()) request_.set_until_offset(started.head_offset());
  }
  if (epoch_ != started.epoch()) {
    over_status_ = absl::FailedPreconditionError(
        absl::StrCat("the log was created anew: its epoch is ", started.epoch(), ", not ", epoch_));
    return false;
  }
  backoff_.Reset();
  handler_.OnStarted(started);
  return true;
}

void EventStream::HandleBatch(v1::SubscribeResponse::Batch& batch) {
  // The service resumes where it is asked to; a repeat would be its fault, and must not become ours.
  int repeated = 0;
  while (repeated < batch.records_size() && batch.records(repeated).offset() < *next_offset_) ++repeated;
  if (repeated > 0) batch.mutable_records()->DeleteSubrange(0, repeated);
  next_offset_ = std::max(*next_offset_, batch.next_offset());
  handler_.OnBatch(batch);
}

}  // namespace eventlog
