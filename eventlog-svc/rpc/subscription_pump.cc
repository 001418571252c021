#include "eventlog-svc/rpc/subscription_pump.h"

#include <optional>
#include <utility>
#include <variant>

#include "absl/time/clock.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/rpc/grpc_status.h"
#include "eventlog-svc/rpc/wire_messages.h"

namespace eventlog {
namespace {

// What one pump reads ahead for all of its streams: pages of 64 of them, unless they ask for larger ones.
constexpr size_t kAheadBytesMax = 16 * 1024 * 1024;

}  // namespace

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
  State& state = streams_[stream];  // there already, when the client has gone meanwhile
  state.added = true;
  ++by_log_[stream->log.get()].count;
  MakeReadyLocked(stream, state);
}

void SubscriptionPump::Drain(absl::Duration retry_delay) {
  absl::MutexLock lock(&mutex_);
  draining_ = true;
  retry_delay_ = retry_delay;
  for (const auto& [log, streams] : by_log_) changed_.insert(log);
}

int64_t SubscriptionPump::size() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int64_t>(streams_.size());
}

void SubscriptionPump::OnLogChanged(const Log& log) {
  absl::MutexLock lock(&mutex_);
  if (by_log_.contains(&log)) changed_.insert(&log);
}

void SubscriptionPump::OnWritten(SubscriptionStream* stream) {
  {
    absl::MutexLock lock(&mutex_);
    State& state = streams_[stream];
    if (state.place != Place::kWriting) return;
    TakePageLocked(stream, state);
    const bool is_ending = state.cancelled || draining_;
    if (is_ending || !stream->subscription.HasNextAtHand()) {
      // Behind what was at hand a page that is still read is the next: Read serves the stream.
      if (!is_ending && state.ahead != nullptr) {
        state.place = Place::kAwaitingPage;
      } else {
        MakeReadyLocked(stream, state);
      }
      return;
    }
    state.place = Place::kServing;
  }
  // What was read already is sent from here: to wake the pump's thread would cost more than the message.
  Serve({stream});
}

void SubscriptionPump::OnCancelled(SubscriptionStream* stream) {
  absl::MutexLock lock(&mutex_);
  State& state = streams_[stream];
  state.cancelled = true;
  if (state.place == Place::kParked) UnparkLocked(stream, state);
  if (state.place == Place::kAwaitingPage) MakeReadyLocked(stream, state);
}

void SubscriptionPump::OnGone(SubscriptionStream* stream) {
  absl::MutexLock lock(&mutex_);
  const auto state = streams_.find(stream);
  if (state == streams_.end()) return;
  const bool added = state->second.added;
  ForgetAheadLocked(state->second);
  streams_.erase(state);
  const auto others = by_log_.find(stream->log.get());
  if (added && --others->second.count == 0) by_log_.erase(others);
}

void SubscriptionPump::MakeReadyLocked(SubscriptionStream* stream, State& state) {
  state.place = Place::kReady;
  ready_.push_back({stream, nullptr});
}

void SubscriptionPump::UnparkLocked(SubscriptionStream* stream, State& state) {
  parked_.erase({state.wake, stream});
  by_log_[stream->log.get()].parked.erase(stream);
  MakeReadyLocked(stream, state);
}

void SubscriptionPump::ReadyParkedLocked(absl::Time now) {
  for (const Log* const log : changed_) {
    const auto of_log = by_log_.find(log);
    if (of_log == by_log_.end()) continue;
    const auto& parked = of_log->second.parked;
    const std::vector<SubscriptionStream*> streams(parked.begin(), parked.end());
    for (SubscriptionStream* const stream : streams) UnparkLocked(stream, streams_[stream]);
  }
  changed_.clear();
  while (!parked_.empty() && parked_.begin()->first <= now) {
    SubscriptionStream* const stream = parked_.begin()->second;
    UnparkLocked(stream, streams_[stream]);
  }
}

SubscriptionPump::Waiting SubscriptionPump::TakeReady() {
  absl::MutexLock lock(&mutex_);
  while (true) {
    ReadyParkedLocked(absl::Now());
    if (!ready_.empty()) break;
    if (stopping_) return {};
    const absl::Time wake = parked_.empty() ? absl::InfiniteFuture() : parked_.begin()->first;
    mutex_.AwaitWithDeadline(absl::Condition(this, &SubscriptionPump::HasWork), wake);
  }
  Waiting waiting = std::move(ready_.front());
  ready_.pop_front();
  return waiting;
}

SubscriptionPump::Turn SubscriptionPump::TakeTurn(SubscriptionStream* stream) {
  absl::MutexLock lock(&mutex_);
  return TakeTurnLocked(stream, streams_[stream]);
}

SubscriptionPump::Turn SubscriptionPump::TakeTurnLocked(SubscriptionStream* stream, State& state) {
  TakePageLocked(stream, state);
  state.place = Place::kServing;
  return {stream, state.cancelled, draining_};
}

void SubscriptionPump::TakePageLocked(SubscriptionStream* stream, State& state) {
  if (state.ahead == nullptr || !state.ahead->read || stream->subscription.HasNextAtHand()) return;
  stream->subscription.SetPage(std::move(state.ahead->page));
  ForgetAheadLocked(state);
}

void SubscriptionPump::ForgetAheadLocked(State& state) {
  if (state.ahead == nullptr) return;
  ahead_bytes_ -= state.ahead->bytes;
  state.ahead->stream = nullptr;
  state.ahead = nullptr;
}

void SubscriptionPump::SetWriting(SubscriptionStream* stream) {
  const std::optional<ReadOptions> wanted = stream->subscription.PageAhead();
  absl::MutexLock lock(&mutex_);
  State& state = streams_[stream];
  state.place = Place::kWriting;
  if (!wanted.has_value() || state.ahead != nullptr || ahead_bytes_ + wanted->bytes_max > kAheadBytesMax) return;
  ahead_bytes_ += wanted->bytes_max;
  state.ahead = std::make_shared<PageAhead>(PageAhead{stream->log, *wanted, stream, wanted->bytes_max, false, {}});
  ready_.push_back({nullptr, state.ahead});
}

// Serves the stream, too, when it has sent everything else meanwhile.
void SubscriptionPump::Read(PageAhead& ahead) {
  {
    absl::MutexLock lock(&mutex_);
    if (ahead.stream == nullptr) return;
  }
  absl::StatusOr<RecordPage> page = ahead.log->Read(ahead.options);
  Turn turn;
  {
    absl::MutexLock lock(&mutex_);
    ahead.read = true;
    if (ahead.stream == nullptr) return;
    // A page of a gap holds nothing: the stream reads it again, and says it.
    if (page.ok()) ahead.page = *std::move(page);
    ahead_bytes_ += ahead.page.wire.size() - ahead.bytes;
    ahead.bytes = ahead.page.wire.size();
    State& state = streams_[ahead.stream];
    if (state.place != Place::kAwaitingPage) return;
    turn = TakeTurnLocked(ahead.stream, state);
  }
  Serve(turn);
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
  by_log_[stream->log.get()].parked.insert(stream);
}

void SubscriptionPump::Run() {
  while (true) {
    const Waiting next = TakeReady();
    if (next.stream != nullptr) {
      Serve(TakeTurn(next.stream));
    } else if (next.ahead != nullptr) {
      Read(*next.ahead);
    } else {
      return;
    }
  }
}

// Once the place is kWriting or kFinishing, gRPC may call back, and the stream may go, at any time.
void SubscriptionPump::Serve(const Turn& turn) {
  SubscriptionStream* const stream = turn.stream;
  if (turn.cancelled) {
    SetPlace(stream, Place::kFinishing);
    stream->call->Finish(grpc::Status::CANCELLED);
    return;
  }
  if (turn.draining && stream->subscription.started()) {
    SetPlace(stream, Place::kFinishing);
    absl::Duration retry_delay;
    {
      absl::MutexLock lock(&mutex_);
      retry_delay = retry_delay_;
    }
    stream->call->WriteAndFinish(ToEnding(v1::ENDING_REASON_DRAINING, stream->subscription.next_offset(), retry_delay));
    return;
  }
  const absl::Time now = absl::Now();
  absl::StatusOr<SubscriptionMessage> message = turn.draining ? DrainingError() : stream->subscription.Next(now);
  if (!message.ok()) {
    on_error_(message.status());
    SetPlace(stream, Place::kFinishing);
    stream->call->Finish(ToGrpcStatus(message.status()));
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
  const bool last = std::holds_alternative<EndedMessage>(*message);
  const grpc::ByteBuffer response = ToSubscribeResponse(*std::move(message), stream->log->epoch(), now);
  if (last) {
    SetPlace(stream, Place::kFinishing);
    stream->call->WriteAndFinish(response);
  } else {
    SetWriting(stream);
    stream->call->Write(response);
  }
}

}  // namespace eventlog
