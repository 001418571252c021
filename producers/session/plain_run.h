// A command with the standard streams that this process has, in the same process group: for where they are no
// terminals.
//
// Nothing stands between the command and its streams. What the terminal says to the group (Ctrl-C, Ctrl-Z) the command
// has heard itself; what somebody sends to this process alone is handed on. For one thread, which waits until the
// command has ended.

#ifndef PRODUCERS_SESSION_PLAIN_RUN_H_
#define PRODUCERS_SESSION_PLAIN_RUN_H_

#include "absl/status/statusor.h"
#include "producers/session/command_exec.h"
#include "producers/session/process_change.h"
#include "producers/session/session_record.h"
#include "producers/session/signal_inbox.h"

namespace eventlog {

// How the command ended, or why it did not start, as of CommandExec::StartStatus; kResourceExhausted: there is no
// process to be had.
absl::StatusOr<ProcessChange> RunPlain(const SessionCommand& command, SignalInbox& signals, SessionRecord& record);

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_PLAIN_RUN_H_
