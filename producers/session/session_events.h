// The events of sessions, as proto/session/v1/session.proto describes them.
//
// Of each: the type; the session's id as subject; the source "/session/HOST"; the time now; and as data the JSON
// mapping with the names of the .proto file. The ids of those that exist once for a session or a client say so
// ("ID.session.removed", "ID.CLIENT.client.disconnected"): should one of them be appended twice, by a holder that is
// killed between keeping the event and forgetting the session, and then by the repair, both have the same id.
//
// Plain functions; any thread.

#ifndef PRODUCERS_SESSION_SESSION_EVENTS_H_
#define PRODUCERS_SESSION_SESSION_EVENTS_H_

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

// This machine's name, and the name of the user that this process runs as (its number where it has none).
std::string HostName();
std::string UserName();

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_SESSION_EVENTS_H_
