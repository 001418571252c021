// The events of sessions, as proto/session/v1/session.proto describes them.
//
// Of each: the type; the session's id as subject; the source "/session/HOST"; the time now; and as data the JSON
// mapping with the names of the .proto file. The ids of those that exist once for a session or a client say so
// ("ID.session.removed", "ID.CLIENT.client.disconnected"): one that a holder kept before it was killed, and that the
// repair adds, too, has the same id, by which the spool keeps it once (SpoolAdder). No two sessions or clients have the
// same id (session_id.h).
//
// Plain functions; any thread.

#ifndef PRODUCERS_SESSION_SESSION_EVENTS_H_
#define PRODUCERS_SESSION_SESSION_EVENTS_H_

#include <sys/ioctl.h>
#include <sys/types.h>

#include <string>

#include "absl/strings/string_view.h"
#include "producers/session/process_change.h"
#include "proto/eventlog/v1/event.pb.h"
#include "proto/session/v1/session.pb.h"

namespace eventlog {

v1::Event MakeEvent(const session::v1::ClientConnected& data);
v1::Event MakeEvent(const session::v1::ClientDisconnected& data);
v1::Event MakeEvent(const session::v1::SessionCreated& data);
v1::Event MakeEvent(const session::v1::SessionStateChanged& data);
v1::Event MakeEvent(const session::v1::SessionOutput& data);
v1::Event MakeEvent(const session::v1::SessionRemoved& data);
v1::Event MakeEvent(const session::v1::UserInput& data);
v1::Event MakeEvent(const session::v1::OwnershipTransferred& data);

// How a command ended. `killed`: somebody had asked for it here.
session::v1::SessionRemoved RemovedBy(absl::string_view session_id, const ProcessChange& end, bool killed);

// "SIGKILL"; "SIGRTMIN+3"; "signal 99" where there is no such name.
std::string SignalName(int signal);
// Its number; 0 where there is no signal of that name.
int SignalNumber(absl::string_view name);

// A terminal's size as messages have it, and back: no lines where a message has none or no columns, and at most 10,000
// of each.
session::v1::WindowSize WindowSizeOf(const winsize& size);
winsize TerminalSizeOf(const session::v1::WindowSize& size);

// This machine's name, and a user's, or the one's that this process runs as (the number where it has none).
std::string HostName();
std::string UserName(uid_t user);
std::string UserName();

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_SESSION_EVENTS_H_
