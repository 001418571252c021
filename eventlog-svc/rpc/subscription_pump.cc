#include "eventlog-svc/rpc/subscription_pump.h"

#include <variant>

#include "absl/time/clock.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/rpc/grpc_status.h"
#include "eventlog-svc/rpc/wire_messages.h"

namespace eventlog {

SubscriptionPump::SubscriptionPump(OnError on_error) : on_error_(std::move(on_error)) {
  std::thread([this] { Run(); }).swap(thread_);
}

SubscriptionPump::~SubscriptionPump() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void SubscriptionPump::Add(SubscriptionStream* stream) {
  absl::MutexLock lock(&mutex_);
  MakeReadyLocked(stream, streams_[stream]);
}

void SubscriptionPump::Drain(absl::Duration retry_delay) {
  absl::MutexLock lock(&mutex_);
  draining_ = true;
  retry_delay_ = retry_delay;
  head_moved_ = true;
}

int64_t SubscriptionPump::size() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int64_t>(streams_.size());
}

void SubscriptionPump::OnHeadAdvanced(int64_t) {
  absl::MutexLock lock(&mutex_);
  head_moved_ = true;
}

void SubscriptionPump::OnWritten(SubscriptionStream* stream) {
  absl::MutexLock lock(&mutex_);
  State& state = streams_[stream];
  if (state.place == Place::kWriting) MakeReadyLocked(stream, state);
}

void SubscriptionPump::OnCancelled(SubscriptionStream* stream) {
  absl::MutexLock lock(&mutex_);
  State& state = streams_[stream];
  state.cancelled = true;
  if (state.place != Place::kParked) return;
  parked_.erase({state.wake, stream});
  MakeReadyLocked(stream, state);
}

void SubscriptionPump::OnGone(SubscriptionStream* stream) {
  absl::MutexLock lock(&mutex_);
  streams_.erase(stream);
}

void SubscriptionPump::MakeReadyLocked(SubscriptionStream* stream, State& state) {
  state.place = Place::kReady;
  ready_.push_back(stream);
}

void SubscriptionPump::ReadyParkedLocked(absl::Time now, bool all) {
  while (!parked_.empty() && (all || parked_.begin()->first <= now)) {
    SubscriptionStream* const stream = parked_.begin()->second;
    parked_.erase(parked_.begin());
    MakeReadyLocked(stream, streams_[stream]);
  }
}

SubscriptionPump::Turn SubscriptionPump::TakeReady() {
  absl::MutexLock lock(&mutex_);
  while (true) {
    ReadyParkedLocked(absl::Now(), head_moved_);
    head_moved_ = false;
    if (!ready_.empty()) break;
    if (stopping_) return {};
    const absl::Time wake = parked_.empty() ? absl::InfiniteFuture() : parked_.begin()->first;
    mutex_.AwaitWithDeadline(absl::Condition(this, &SubscriptionPump::HasWork), wake);
  }
  SubscriptionStream* const stream = ready_.front();
  ready_.pop_front();
  State& state = streams_[stream];
  state.place = Place::kServing;
  return {stream, state.cancelled, draining_};
}

void SubscriptionPump::SetPlace(SubscriptionStream* stream, Place place) {
  absl::MutexLock lock(&mutex_);
  streams_[stream].place = place;
}

void SubscriptionPump::Park(SubscriptionStream* stream) {
  absl::MutexLock lock(&mutex_);
  State& state = streams_[stream];
  if (state.cancelled || draining_) {
    MakeReadyLocked(stream, state);
    return;
  }
  state.place = Place::kParked;
  state.wake = stream->subscription.next_wake();
  parked_.insert({state.wake, stream});
}

void SubscriptionPump::Run() {
  for (Turn turn = TakeReady(); turn.stream != nullptr; turn = TakeReady()) Serve(turn);
}

// Once the place is kWriting or kFinishing, gRPC may call back, and the stream may go, at any time.
void SubscriptionPump::Serve(const Turn& turn) {
  SubscriptionStream* const stream = turn.stream;
  if (turn.cancelled) {
    SetPlace(stream, Place::kFinishing);
    stream->Finish(grpc::Status::CANCELLED);
    return;
  }
  if (turn.draining && stream->subscription.started()) {
    SetPlace(stream, Place::kFinishing);
    absl::Duration retry_delay;
    {
      absl::MutexLock lock(&mutex_);
      retry_delay = retry_delay_;
    }
    stream->buffer = ToEnding(v1::ENDING_REASON_DRAINING, stream->subscription.next_offset(), retry_delay);
    stream->StartWriteAndFinish(&stream->buffer, grpc::WriteOptions(), grpc::Status::OK);
    return;
  }
  const absl::Time now = absl::Now();
  absl::StatusOr<SubscriptionMessage> message =
      turn.draining ? Error(absl::StatusCode::kUnavailable, "DRAINING", "the service is stopping; try again later")
                    : stream->subscription.Next(now);
  if (!message.ok()) {
    on_error_(message.status());
    SetPlace(stream, Place::kFinishing);
    stream->Finish(ToGrpcStatus(message.status()));
    return;
  }
  if (std::holds_alternative<NothingNow>(*message)) {
    Park(stream);
    return;
  }
  if (std::holds_alternative<StillScanning>(*message)) {
    absl::MutexLock lock(&mutex_);
    MakeReadyLocked(stream, streams_[stream]);
    return;
  }
  const bool last = std::holds_alternative<UntilReachedMessage>(*message);
  stream->buffer = ToSubscribeResponse(*std::move(message), stream->epoch, now);
  SetPlace(stream, last ? Place::kFinishing : Place::kWriting);
  if (last) {
    stream->StartWriteAndFinish(&stream->buffer, grpc::WriteOptions(), grpc::Status::OK);
  } else {
    stream->StartWrite(&stream->buffer);
  }
}

}  // namespace eventlog
