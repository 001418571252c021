// A command, made ready so that a process that was just forked can become it.
//
// Everything that needs memory is done in the constructor. Run is for the child, between fork and exec of a process
// that may have threads: it calls nothing but what is async-signal-safe.

#ifndef PRODUCERS_SESSION_COMMAND_EXEC_H_
#define PRODUCERS_SESSION_COMMAND_EXEC_H_

#include <signal.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace eventlog {

struct SessionCommand {
  // Not empty. Exactly what the program gets; the first is looked up in the PATH of `environment`, as a shell does.
  std::vector<std::string> argv;
  // All of it, "NAME=VALUE".
  std::vector<std::string> environment;
  // Where it starts; empty: where this process is.
  std::string folder;
  // The signals that it has blocked: those that this process had, before it blocked some of its own.
  sigset_t signal_mask;
};

// This process's.
std::vector<std::string> OwnEnvironment();

// What a shell says of a command that cannot be run: 127 when there is none of that name, 126 otherwise. `status` is
// one of CommandExec::StartStatus.
int ShellExitCode(const absl::Status& status);

// What holds a command back until its start was told: it waits in CommandExec::Run. Both ends close on exec; the parent
// opens the gate by writing a byte.
struct StartGate {
  int read = -1;  // -1: there is none
  int write = -1;
};

class CommandExec {
 public:
  explicit CommandExec(SessionCommand command);
  CommandExec(const CommandExec&) = delete;
  CommandExec& operator=(const CommandExec&) = delete;

  // In the parent: why it cannot be started, where that is plain without trying; OK otherwise.
  absl::Status CheckFound() const;
  // In the child: waits at the gate, goes to the folder and becomes the command. Where that fails, writes why to
  // `errors`, which is a pipe that closes on exec, and ends with 127. Ends, too, when the parent does before the gate
  // is open.
  [[noreturn]] void Run(int errors, StartGate gate = {}) const;
  // In the parent, which has no copy of the pipe's other end: waits until the command runs, or says why it does not.
  absl::Status StartStatus(int errors) const;

  const SessionCommand& command() const { return command_; }

 private:
  const SessionCommand command_;
  std::vector<char*> argv_;
  std::vector<char*> environment_;
};

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_COMMAND_EXEC_H_
