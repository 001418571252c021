#include "producers/session/session_record.h"

#include <utility>

#include "absl/time/clock.h"
#include "producers/session/process_identity.h"
#include "producers/session/session_events.h"

namespace eventlog {
namespace {

using session::v1::ClientConnected;
using session::v1::ClientDisconnected;
using session::v1::SessionCreated;

constexpr absl::Duration kFlushPatience = absl::Milliseconds(500);

}  // namespace

SessionRecord::SessionRecord(SessionRecordOptions options, EventSink& sink, const SessionRegistry* registry)
    : options_(std::move(options)),
      sink_(sink),
      registry_(registry),
      activity_({options_.session_id, options_.idle_after, options_.output}, sink, absl::Now()) {
  entry_.set_session_id(options_.session_id);
  entry_.set_name(options_.name);
  entry_.mutable_command()->Add(options_.command.begin(), options_.command.end());
  entry_.set_cwd(options_.cwd);
  entry_.set_server(options_.server);
  entry_.set_log(options_.log);
  entry_.add_client_ids(options_.client_id);
  entry_.set_created_ms(absl::ToUnixMillis(absl::Now()));
  if (options_.size.has_value()) *entry_.mutable_window_size() = WindowSizeOf(*options_.size);
  SetHolder(entry_);
}

void SessionRecord::Created(pid_t pid, bool own_group) {
  entry_.mutable_command_process()->set_pid(pid);
  entry_.mutable_command_process()->set_start_time(StartTime(pid));
  entry_.set_command_group(own_group);
  v1::Event connected = Connected();
  SessionCreated created;
  created.set_session_id(options_.session_id);
  created.set_name(options_.name);
  created.mutable_command()->Add(options_.command.begin(), options_.command.end());
  created.set_cwd(options_.cwd);
  created.set_pid(pid);
  created.set_user(UserName());
  created.set_host(HostName());
  if (options_.size.has_value()) *created.mutable_window_size() = WindowSizeOf(*options_.size);
  v1::Event event = MakeEvent(created);
  if (!options_.parent_session_id.empty()) {
    (*event.mutable_attributes())["parent_session_id"] = options_.parent_session_id;
  }
  Begin({std::move(connected), std::move(event)});
  Flush();
}

void SessionRecord::StartFailed() {
  entry_.mutable_removed()->set_session_id(options_.session_id);
  entry_.mutable_removed()->set_reason(session::v1::REMOVAL_REASON_START_FAILED);
  if (entry_.has_command_process()) {
    WriteEntry();
  } else {
    Begin({Connected()});
  }
  End();
}

void SessionRecord::Flush() {
  if (!sink_.Flush(absl::Now() + kFlushPatience) || entry_.unkept_events().empty()) return;
  entry_.clear_unkept_events();
  WriteEntry();
}

void SessionRecord::Removed(const ProcessChange& end) {
  activity_.Finish();
  *entry_.mutable_removed() = RemovedBy(options_.session_id, end, /*killed=*/false);
  WriteEntry();
  End();
}

void SessionRecord::Settle(const EventSinkCounts& counts) const {
  if (registry_ == nullptr) return;
  if (counts.events_dropped == 0) {
    static_cast<void>(registry_->Remove(options_.session_id));
  } else {
    // Once more: where events could not be kept the entry, too, may not have been written.
    WriteEntry();
  }
}

// One that cannot be written is missed after a SIGKILL of this process alone.
void SessionRecord::WriteEntry() const {
  if (registry_ != nullptr) static_cast<void>(registry_->Write(entry_));
}

void SessionRecord::Begin(std::vector<v1::Event> events) {
  for (const v1::Event& event : events) entry_.add_unkept_events(event.SerializeAsString());
  WriteEntry();
  for (v1::Event& event : events) sink_.Add(std::move(event));
}

void SessionRecord::End() {
  sink_.Add(MakeEvent(entry_.removed()));
  ClientDisconnected disconnected;
  disconnected.set_session_id(options_.session_id);
  disconnected.set_client_id(options_.client_id);
  disconnected.set_reason(session::v1::DISCONNECT_REASON_SESSION_REMOVED);
  sink_.Add(MakeEvent(disconnected));
}

v1::Event SessionRecord::Connected() const {
  ClientConnected connected;
  connected.set_session_id(options_.session_id);
  connected.set_client_id(options_.client_id);
  connected.set_pid(getpid());
  connected.set_user(UserName());
  connected.set_host(HostName());
  if (options_.size.has_value()) *connected.mutable_window_size() = WindowSizeOf(*options_.size);
  return MakeEvent(connected);
}

}  // namespace eventlog
