// The sessions of a sessiond: those that run, and the last that have ended, for `session list`.
//
// One thread, that of the io_context.

#ifndef PRODUCERS_SESSION_SESSIOND_SESSIONS_H_
#define PRODUCERS_SESSION_SESSIOND_SESSIONS_H_

#include <boost/asio/io_context.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "producers/session/event_sink.h"
#include "producers/session/session_registry.h"
#include "producers/session/sessiond_session.h"
#include "proto/eventlog/v1/event.pb.h"
#include "proto/session/v1/daemon.pb.h"
#include "proto/session/v1/session_entry.pb.h"

namespace eventlog {

struct SessiondSessionsOptions {
  HostedSessionOptions session;
  size_t sessions_max = 500;       // that run
  size_t ended_sessions_max = 50;  // that are remembered
  // Where the events go, for the registry.
  std::string server;
  std::string log;
};

class SessiondSessions {
 public:
  // The registry and the sink outlive it.
  SessiondSessions(boost::asio::io_context& context, SessiondSessionsOptions options, const SessionRegistry& registry,
                   EventSink& sink);

  // session.created is kept, or half a second has gone by, before the command runs. Errors: kInvalidArgument,
  // kAlreadyExists (the name), kResourceExhausted (too many), kUnavailable (ending), and kAborted when the command
  // cannot be started, with why. Nothing is appended then, but where the kernel refuses a program that is there.
  absl::StatusOr<std::shared_ptr<HostedSession>> Start(const session::v1::StartSession& request);
  // One that runs; see FindSession for what `wanted` may be. kNotFound or kFailedPrecondition.
  absl::StatusOr<std::shared_ptr<HostedSession>> Find(absl::string_view wanted) const;
  // The oldest first, those that have ended too.
  session::v1::SessionList List() const;
  // Ends all of them and takes no new one; `then` when the last has ended.
  void EndAll(std::function<void()> then);

  size_t running() const { return running_.size(); }

 private:
  absl::Status Check(const session::v1::StartSession& request) const;
  // As it is before session.created is kept.
  session::v1::SessionEntry EntryOf(const session::v1::SessionInfo& info, const v1::Event& created) const;
  HostedSessionOptions SessionOptions(const session::v1::StartSession& request) const;
  void SayCreated(const session::v1::SessionInfo& info);
  void SayStartFailed(const std::string& session_id);
  void OnEnded(const std::string& session_id);

  boost::asio::io_context& context_;
  const SessiondSessionsOptions options_;
  const SessionRegistry& registry_;
  EventSink& sink_;
  std::vector<std::shared_ptr<HostedSession>> running_;
  std::deque<session::v1::SessionInfo> ended_;
  std::function<void()> when_all_ended_;  // set: no new ones
};

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_SESSIOND_SESSIONS_H_
