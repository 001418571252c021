#include "producers/session/session_activity.h"

#include <algorithm>
#include <climits>
#include <cstdint>
#include <utility>

#include "producers/session/session_events.h"

namespace eventlog {

using session::v1::SessionState;

SessionActivity::SessionActivity(SessionActivityOptions options, EventSink& sink, absl::Time now)
    : options_(std::move(options)), sink_(sink), active_(now) {
  if (!options_.output.has_value()) return;
  OutputChunksOptions output = *options_.output;
  output.emit = [this](session::v1::SessionOutput chunk) {
    chunk.set_session_id(options_.session_id);
    return sink_.AddOutput(MakeEvent(chunk));
  };
  output_.emplace(std::move(output), now);
}

void SessionActivity::Watch(absl::Time now) {
  watched_ = true;
  active_ = now;
}

void SessionActivity::Printed(absl::string_view bytes, absl::Time now, session::v1::OutputStream stream) {
  active_ = now;
  // What is stopped has others that print for it.
  if (state_ == SessionState::SESSION_STATE_IDLE) SetState(SessionState::SESSION_STATE_RUNNING);
  if (output_.has_value()) output_->Add(bytes, now, stream);
}

void SessionActivity::Stopped() { SetState(SessionState::SESSION_STATE_STOPPED); }

void SessionActivity::Continued(absl::Time now) {
  active_ = now;
  SetState(SessionState::SESSION_STATE_RUNNING);
}

absl::Time SessionActivity::due() const {
  return output_.has_value() ? std::min(output_->due(), IdleTime()) : IdleTime();
}

int SessionActivity::TimeoutMs(absl::Time now) const {
  if (due() == absl::InfiniteFuture()) return -1;
  // A moment more, rather than one too early and again.
  const int64_t left_ms = absl::ToInt64Milliseconds(std::max(absl::ZeroDuration(), due() - now)) + 1;
  return static_cast<int>(std::min<int64_t>(left_ms, INT_MAX));
}

void SessionActivity::Tick(absl::Time now) {
  if (output_.has_value()) output_->Tick(now);
  if (now >= IdleTime()) SetState(SessionState::SESSION_STATE_IDLE);
}

void SessionActivity::Finish() {
  if (output_.has_value()) output_->Finish();
}

absl::Time SessionActivity::IdleTime() const {
  const bool may = watched_ && state_ == SessionState::SESSION_STATE_RUNNING;
  return may ? active_ + options_.idle_after : absl::InfiniteFuture();
}

void SessionActivity::SetState(SessionState state) {
  if (state == state_) return;
  session::v1::SessionStateChanged changed;
  changed.set_session_id(options_.session_id);
  changed.set_old_state(state_);
  changed.set_new_state(state);
  state_ = state;
  sink_.Add(MakeEvent(changed));
}

}  // namespace eventlog
