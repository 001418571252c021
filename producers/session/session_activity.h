// What the command of a session does, as events: session.state_changed and, where it is asked for, session.output.
//
// It runs, is stopped, or is idle: it runs and has printed nothing for a while, which only who sees all that it prints
// can say (Watch). Time is given, not taken. What the events are added to never waits.
//
// Thread compatible. The sink outlives the object.

#ifndef PRODUCERS_SESSION_SESSION_ACTIVITY_H_
#define PRODUCERS_SESSION_SESSION_ACTIVITY_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "producers/session/event_sink.h"
#include "producers/session/output_chunks.h"
#include "proto/session/v1/session.pb.h"

namespace eventlog {

struct SessionActivityOptions {
  std::string session_id;
  absl::Duration idle_after = absl::Seconds(60);  // without output
  // Nothing: what the command prints is nobody's business.
  std::optional<OutputChunksOptions> output;
};

class SessionActivity {
 public:
  // Of a command that runs.
  SessionActivity(SessionActivityOptions options, EventSink& sink, absl::Time now);
  SessionActivity(const SessionActivity&) = delete;
  SessionActivity& operator=(const SessionActivity&) = delete;

  // From now on Printed is told all that the command prints.
  void Watch(absl::Time now);
  void Printed(absl::string_view bytes, absl::Time now,
               session::v1::OutputStream stream = session::v1::OUTPUT_STREAM_UNSPECIFIED);
  void Stopped();
  void Continued(absl::Time now);
  // When Tick wants to be called, at the latest.
  absl::Time due() const;
  // How long poll(2) may wait for that; -1: for ever.
  int TimeoutMs(absl::Time now) const;
  void Tick(absl::Time now);
  // The end of the output.
  void Finish();

  bool wants_output() const { return output_.has_value(); }
  session::v1::SessionState state() const { return state_; }

 private:
  // Nothing when it is that already.
  void SetState(session::v1::SessionState state);
  absl::Time IdleTime() const;

  const SessionActivityOptions options_;
  EventSink& sink_;
  session::v1::SessionState state_ = session::v1::SESSION_STATE_RUNNING;
  bool watched_ = false;
  absl::Time active_;  // when it printed last, or began, or went on
  std::optional<OutputChunks> output_;
};

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_SESSION_ACTIVITY_H_
