// A command with the standard streams that this process has, in the same process group: for where they are no
// terminals.
//
// Nothing stands between the command and its streams, unless what it prints is asked for: then standard output and
// standard error are pipes of ours in the place of those pipes, sockets and files that they are (output_taps.h), and
// what does not arrive there, as on a full disk, is said on standard error and is an exit code of 1 in the place of 0.
// The end waits for who reads slowly, and not for who is left in the background, nor where the command was asked to
// end, by a signal that came to us: the rest goes its way behind us then. What the terminal says to the group (Ctrl-C,
// Ctrl-Z) the command has heard itself; what somebody sends to this process alone is handed on. For one thread, which
// waits until the command has ended.

#ifndef PRODUCERS_SESSION_PLAIN_RUN_H_
#define PRODUCERS_SESSION_PLAIN_RUN_H_

#include "absl/status/statusor.h"
#include "producers/session/command_exec.h"
#include "producers/session/process_change.h"
#include "producers/session/session_record.h"
#include "producers/session/signal_inbox.h"

namespace eventlog {

// How the command ended (or by which signal we do, when one has come while its last output waited), or why it did not
// start, as of CommandExec::StartStatus; kResourceExhausted: there is no process to be had.
absl::StatusOr<ProcessChange> RunPlain(const SessionCommand& command, SignalInbox& signals, SessionRecord& record);

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_PLAIN_RUN_H_
