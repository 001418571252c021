// What `session list` prints: a table for people, JSON lines for programs.

#ifndef PRODUCERS_SESSION_SESSIOND_LIST_TEXT_H_
#define PRODUCERS_SESSION_SESSIOND_LIST_TEXT_H_

#include <string>

#include "absl/time/time.h"
#include "proto/session/v1/daemon.pb.h"

namespace eventlog {

// A line of titles and one for each session. What a terminal would obey is escaped, and in a command all that
// is no printing ASCII.
std::string SessionTable(const session::v1::SessionList& sessions, absl::Time now);
// An object a line: session_id, name, status, command, cwd, pid, clients, rows, columns, create_time, age_s; of one
// that ended also reason, and exit_code or signal.
std::string SessionJsonLines(const session::v1::SessionList& sessions, absl::Time now);
// "running", "stopped", "idle"; of one that ended "exited 7", "killed by SIGHUP", "crashed with SIGSEGV".
std::string SessionStatusText(const session::v1::SessionInfo& session);
// How one ended, in words: "exited with 7".
std::string RemovedText(const session::v1::SessionRemoved& removed);
// What a shell would say: the exit code, 128 and the signal's number, or 1 when nobody knows.
int RemovedExitCode(const session::v1::SessionRemoved& removed);

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_SESSIOND_LIST_TEXT_H_
