// A command on a PTY of its own, as a terminal's foreground job.
//
// The command has its own process group, in a session that pty_leader.h leads, with the PTY as controlling terminal.
// Its standard input and output are the PTY, and its standard error too unless it is to stay this process's. All that
// is ours closes on exec.
//
// Thread compatible: one thread uses an object, but Signal and Resize may be called by any. Linux.

#ifndef PRODUCERS_SESSION_PTY_PROCESS_H_
#define PRODUCERS_SESSION_PTY_PROCESS_H_

#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "producers/session/command_exec.h"
#include "producers/session/process_change.h"

namespace eventlog {

struct PtyProcessOptions {
  SessionCommand command;
  winsize size;
  // How the terminal is set at first; nothing: as the kernel makes it.
  std::optional<termios> settings;
  bool error_on_terminal = true;
  // Called with the command's pid, before the command does anything: nothing that it does is earlier. Null: not wanted.
  std::function<void(pid_t)> before_exec = nullptr;
};

class PtyProcess {
 public:
  // OK when the command runs. kNotFound, kPermissionDenied, kFailedPrecondition (the folder): it does not, see
  // ShellExitCode; kResourceExhausted: there is no PTY or no process to be had.
  static absl::StatusOr<std::unique_ptr<PtyProcess>> Start(const PtyProcessOptions& options);
  // Kills the command's process group when it has not ended; waits for its end.
  ~PtyProcess();
  PtyProcess(const PtyProcess&) = delete;
  PtyProcess& operator=(const PtyProcess&) = delete;

  // Our end of the PTY: what is written is typed, what is read was printed. Does not block. Once the command has ended,
  // what is there until EAGAIN is all that it had printed; what is left in the background may print on.
  int master() const { return master_; }
  pid_t pid() const { return pid_; }

  // Readable when NextChange has one. Needs no SIGCHLD.
  int changes() const { return socket_; }
  // Does not wait. After one that ended() there is none any more.
  std::optional<ProcessChange> NextChange();
  bool ended() const { return ended_; }

  // From now on, unless somebody has set the terminal otherwise than it was at first.
  void SetUnchangedSettings(const termios& settings) const;
  // The command's foreground group gets SIGWINCH, when the size is another.
  absl::Status Resize(const winsize& size) const;
  // To the foreground process group: the command, or the job that a shell runs. Nothing after the end.
  absl::Status SignalForeground(int signal) const;
  // To the command's own process, and to its own process group.
  absl::Status SignalCommand(int signal) const;
  absl::Status SignalCommandGroup(int signal) const;

 private:
  PtyProcess(int master, const termios& first_settings, int socket, pid_t leader, pid_t pid)
      : master_(master), first_settings_(first_settings), socket_(socket), leader_(leader), pid_(pid) {}

  absl::Status Signal(pid_t whom, int signal) const;

  const int master_;
  const termios first_settings_;
  const int socket_;
  const pid_t leader_;
  const pid_t pid_;
  bool ended_ = false;
};

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_PTY_PROCESS_H_
