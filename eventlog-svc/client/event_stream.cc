#include "eventlog-svc/client/event_stream.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "eventlog-svc/client/rpc_error.h"
#include "eventlog-svc/client/stream_end.h"

namespace eventlog {
namespace {

constexpr absl::Duration kDefaultHeartbeat = absl::Seconds(15);
constexpr int kHeartbeatsMissed = 3;

absl::Duration ToDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

absl::Duration SilenceMax(const EventStreamOptions& options) {
  if (options.silence_max > absl::ZeroDuration()) return options.silence_max;
  // An absent interval is zero, too. The service refuses what is not positive, which the call must live to hear.
  const absl::Duration heartbeat = ToDuration(options.request.heartbeat_interval());
  return kHeartbeatsMissed * (heartbeat > absl::ZeroDuration() ? heartbeat : kDefaultHeartbeat);
}

}  // namespace

EventStream::EventStream(const std::shared_ptr<grpc::Channel>& channel, EventStreamOptions options,
                         EventStreamHandler& handler)
    : stub_(v1::EventLog::NewStub(channel)),
      handler_(handler),
      silence_max_(SilenceMax(options)),
      request_(std::move(options.request)),
      backoff_(options.backoff, random_) {
  std::thread([this] { Run(); }).swap(thread_);
  std::thread([this] { Watch(); }).swap(watchdog_);
}

EventStream::~EventStream() { Stop(); }

void EventStream::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    if (context_ != nullptr) context_->TryCancel();
  }
  if (thread_.joinable()) thread_.join();
  if (watchdog_.joinable()) watchdog_.join();
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
      handler_.OnEnded(status);
      return;
    }
    retry_delay_ = std::max(retry_delay_, RpcRetryDelay(status).value_or(absl::ZeroDuration()));
    handler_.OnDisconnected(status);
    if (!Pause(std::max(retry_delay_, backoff_.Next()))) return;
  }
}

void EventStream::Watch() {
  absl::MutexLock lock(&mutex_);
  while (!mutex_.AwaitWithTimeout(absl::Condition(&stopping_), silence_max_ / 2)) {
    if (context_ == nullptr || !reading_since_.has_value() || absl::Now() - *reading_since_ < silence_max_) continue;
    silent_ = true;
    context_->TryCancel();
  }
}

void EventStream::SetReading(bool reading) {
  absl::MutexLock lock(&mutex_);
  reading_since_ = reading ? std::make_optional(absl::Now()) : std::nullopt;
}

absl::Status EventStream::Follow(bool& over) {
  if (next_offset_.has_value()) request_.set_offset(*next_offset_);
  grpc::ClientContext context;
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return absl::CancelledError("stopping");
    context_ = &context;
    silent_ = false;
    reading_since_ = absl::Now();
  }
  started_ = false;
  end_status_ = absl::OkStatus();
  bool going = true;
  const auto reader = stub_->Subscribe(&context, request_);
  v1::SubscribeResponse message;
  while (going && reader->Read(&message)) {
    SetReading(false);
    going = Handle(message, over);
    SetReading(true);
  }
  const auto cancel = [&context] { context.TryCancel(); };
  if (!going) cancel();
  const absl::Status status = FinishStream([&reader] { return reader->Finish(); }, cancel);
  absl::MutexLock lock(&mutex_);
  context_ = nullptr;
  if (!going) return end_status_;
  if (silent_) return absl::UnavailableError(absl::StrCat("silent for ", absl::FormatDuration(silence_max_)));
  return status;
}

bool EventStream::Handle(v1::SubscribeResponse& message, bool& over) {
  const auto kind = message.message_case();
  if (!started_ && kind != v1::SubscribeResponse::kStarted && kind != v1::SubscribeResponse::kEnding) {
    end_status_ = absl::InternalError("the service did not begin with `started`");
    return false;
  }
  switch (kind) {
    case v1::SubscribeResponse::kStarted:
      return HandleStarted(message.started(), over);
    case v1::SubscribeResponse::kBatch:
      return HandleBatch(*message.mutable_batch());
    case v1::SubscribeResponse::kCaughtUp:
      if (!Advance(message.caught_up().next_offset())) return false;
      handler_.OnCaughtUp(*next_offset_);
      return true;
    case v1::SubscribeResponse::kHeartbeat:
      if (!Advance(message.heartbeat().next_offset())) return false;
      handler_.OnHeartbeat(*next_offset_);
      return true;
    case v1::SubscribeResponse::kGap:
      if (!Advance(message.gap().next_offset())) return false;
      handler_.OnGap(message.gap());
      return true;
    case v1::SubscribeResponse::kEnding:
      retry_delay_ = ToDuration(message.ending().retry_delay());
      over = message.ending().reason() == v1::ENDING_REASON_UNTIL_REACHED;
      return !over;
    case v1::SubscribeResponse::MESSAGE_NOT_SET:
      return true;  // a kind of message that this version does not know
  }
  return true;
}

bool EventStream::HandleStarted(const v1::SubscribeResponse::Started& started, bool& over) {
  if (epoch_.empty()) {
    epoch_ = started.epoch();
    next_offset_ = started.next_offset();
    // "Caught up" means the head as it was at the first start, also after a reconnection.
    if (request_.has_until_caught_up()) request_.set_until_offset(started.head_offset());
  }
  if (epoch_ != started.epoch()) {
    over = true;
    end_status_ = absl::FailedPreconditionError(
        absl::StrCat("the log was created anew: its epoch is ", started.epoch(), ", not ", epoch_));
    return false;
  }
  // Resuming elsewhere would skip events without a word, or repeat them.
  if (started.next_offset() != *next_offset_) {
    end_status_ =
        absl::InternalError(absl::StrCat("the service resumed at ", started.next_offset(), ", not at ", *next_offset_));
    return false;
  }
  started_ = true;
  backoff_.Reset();
  handler_.OnStarted(started);
  return true;
}

// The position never goes back: what it has passed would come again.
bool EventStream::Advance(int64_t next_offset) {
  if (next_offset < *next_offset_) {
    end_status_ = absl::InternalError(absl::StrCat("the service went back from ", *next_offset_, " to ", next_offset));
    return false;
  }
  next_offset_ = next_offset;
  return true;
}

bool EventStream::HandleBatch(v1::SubscribeResponse::Batch& batch) {
  // The service resumes where it is asked to; a repeat would be its fault, and must not become ours.
  int repeated = 0;
  while (repeated < batch.records_size() && batch.records(repeated).offset() < *next_offset_) ++repeated;
  if (repeated > 0) batch.mutable_records()->DeleteSubrange(0, repeated);
  int64_t next_offset = *next_offset_;
  for (const v1::Record& record : batch.records()) {
    if (record.offset() < next_offset) {
      end_status_ = absl::InternalError(absl::StrCat("offset ", record.offset(), " came out of order"));
      return false;
    }
    next_offset = record.offset() + 1;
  }
  if (repeated > 0 && batch.records().empty() && batch.next_offset() <= next_offset) return true;
  if (!Advance(std::max(next_offset, batch.next_offset()))) return false;
  batch.set_next_offset(*next_offset_);
  handler_.OnBatch(batch);
  return true;
}

}  // namespace eventlog
