// The process between us and a command on a PTY: the leader of the terminal's session, as a shell is of its jobs.
//
// A command that led the session itself could not be stopped by Ctrl-Z: its process group would be orphaned, and the
// kernel keeps SIGTSTP from those. So the leader starts the command as its foreground job, watches it with waitpid, and
// tells each change through a socket. It outlives the command until the socket is closed: its own end hangs up the
// terminal, and what the command wrote last is to be read before. Where the holder is gone it hangs the command up.

#ifndef PRODUCERS_SESSION_PTY_LEADER_H_
#define PRODUCERS_SESSION_PTY_LEADER_H_

#include <unistd.h>

#include "producers/session/command_exec.h"
#include "producers/session/process_change.h"

namespace eventlog {

// What goes through the socket, one a message: the first is the command's pid, or 0 when there was none to be had.
struct PtyLeaderHello {
  pid_t command;
  int error;
};

struct PtyLeader {
  const CommandExec* command;
  int slave;               // the terminal
  int holder;              // the leader's end of the socket
  int errors;              // of CommandExec::Run
  StartGate gate;          // of it, too
  bool error_on_terminal;  // false: the command's standard error stays as it is
};

// In a child that was just forked with all signals blocked; async-signal-safe throughout.
[[noreturn]] void RunPtyLeader(const PtyLeader& leader);

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_PTY_LEADER_H_
