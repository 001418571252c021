// The terminal of `session attach`: attached to a session, and certainly as it was afterwards.

#ifndef PRODUCERS_SESSION_ATTACH_TERMINAL_H_
#define PRODUCERS_SESSION_ATTACH_TERMINAL_H_

#include <string>

#include "absl/status/statusor.h"
#include "producers/session/attach_detach_key.h"
#include "producers/session/sessiond_client.h"
#include "proto/session/v1/daemon.pb.h"

namespace eventlog {

// The size of the terminal that is standard input, output or error; no lines when none is.
session::v1::WindowSize TerminalSize();

// Attaches the terminal, which is standard input and output, to a session until its end, the detach key, or SIGTERM,
// SIGINT or SIGQUIT from outside (which detach). `client` has asked for nothing yet. Blocks signals, and starts no
// thread. Errors are those of SessiondClient::Ask and AttachLoop::Run; kFailedPrecondition when there is no terminal.
absl::StatusOr<session::v1::Ended> AttachTerminal(SessiondClient& client, const std::string& session,
                                                  const DetachKey& detach_key);

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_ATTACH_TERMINAL_H_
