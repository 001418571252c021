// The life of one session with one client, as its events and as its entry in the registry, in the right order:
//
//   client.connected, session.created, (session.state_changed | session.output)*, session.removed, client.disconnected
//
// or, where the command could not be started: client.connected, session.removed (START_FAILED), client.disconnected;
// with session.created before it where only trying has said so. Each event is in the entry before it is given away:
// those of the begin until they are seen to be kept, those of the end until the entry goes, once all is kept. So
// whenever this process is killed, the repair adds what is missing; what it adds again the spool leaves out, by its id.
// What could not be kept stays in the entry, for the next repair. Nothing here waits or fails: a registry that cannot
// be written costs the repair, and no more.
//
// Thread compatible. Sink and registry outlive the object.

#ifndef PRODUCERS_SESSION_SESSION_RECORD_H_
#define PRODUCERS_SESSION_SESSION_RECORD_H_

#include <sys/ioctl.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "producers/session/event_sink.h"
#include "producers/session/output_chunks.h"
#include "producers/session/process_change.h"
#include "producers/session/session_activity.h"
#include "producers/session/session_registry.h"
#include "proto/eventlog/v1/event.pb.h"
#include "proto/session/v1/session.pb.h"
#include "proto/session/v1/session_entry.pb.h"

namespace eventlog {

struct SessionRecordOptions {
  std::string session_id;
  std::string client_id;
  std::string name;
  std::vector<std::string> command;
  std::string cwd;
  std::string server;
  std::string log;
  // The session that this one runs in; empty: none. An attribute of session.created.
  std::string parent_session_id;
  std::optional<winsize> size;  // of the client's terminal
  absl::Duration idle_after = absl::Seconds(60);
  // Nothing: what the command prints is nobody's business.
  std::optional<OutputChunksOptions> output;
};

class SessionRecord {
 public:
  // `registry` may be null.
  SessionRecord(SessionRecordOptions options, EventSink& sink, const SessionRegistry* registry);

  // The command is about to run: waits for a moment until that is kept, so that no event of a hook in the command is
  // earlier. `own_group`: it leads a process group.
  void Created(pid_t pid, bool own_group);
  // Also after Created.
  void StartFailed();
  // Waits for a moment until what was said so far is kept: before this process is stopped.
  void Flush();
  // What it does between Created and Removed.
  SessionActivity& activity() { return activity_; }
  const SessionActivity& activity() const { return activity_; }
  void Removed(const ProcessChange& end);
  // When the sink is closed: the entry goes when everything was kept.
  void Settle(const EventSinkCounts& counts) const;

 private:
  void WriteEntry() const;
  // The entry with these events, and the events.
  void Begin(std::vector<v1::Event> events);
  // The events of an end that is in the entry.
  void End();
  v1::Event Connected() const;

  const SessionRecordOptions options_;
  EventSink& sink_;
  const SessionRegistry* const registry_;
  session::v1::SessionEntry entry_;
  SessionActivity activity_;
};

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_SESSION_RECORD_H_
