#include "producers/session/pty_process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <iterator>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "producers/session/pty_leader.h"
#include "producers/spool/fork_without_handlers.h"

namespace eventlog {
namespace {

absl::Status NoResources(absl::string_view what) {
  return absl::ResourceExhaustedError(absl::StrCat(what, ": ", std::strerror(errno)));
}

// Both ends of a PTY.
absl::StatusOr<std::pair<int, int>> OpenPty(const PtyProcessOptions& options) {
  const int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  if (master < 0) return NoResources("no PTY");
  absl::Cleanup close_master = [&] { close(master); };
  char name[PATH_MAX];
  if (grantpt(master) != 0 || unlockpt(master) != 0 || ptsname_r(master, name, sizeof(name)) != 0) {
    return NoResources("no PTY");
  }
  const int slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave < 0) return NoResources(absl::StrCat("no PTY: ", name));
  if (options.settings.has_value()) tcsetattr(slave, TCSANOW, &*options.settings);
  ioctl(slave, TIOCSWINSZ, &options.size);
  std::move(close_master).Cancel();
  return std::make_pair(master, slave);
}

// Forks the leader, with every signal blocked in it.
pid_t ForkLeader(const PtyLeader& leader) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t child = ForkWithoutHandlers();
  if (child == 0) RunPtyLeader(leader);
  const int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return child;
}

bool OpenGate(StartGate& gate) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return false;
  gate = {ends[0], ends[1]};
  return true;
}

bool AreEqual(const termios& a, const termios& b) {
  return a.c_iflag == b.c_iflag && a.c_oflag == b.c_oflag && a.c_cflag == b.c_cflag && a.c_lflag == b.c_lflag &&
         std::equal(std::begin(a.c_cc), std::end(a.c_cc), std::begin(b.c_cc));
}

void Reap(pid_t child) {
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<PtyProcess>> PtyProcess::Start(const PtyProcessOptions& options) {
  const CommandExec command(options.command);
  if (absl::Status found = command.CheckFound(); !found.ok()) return found;
  const absl::StatusOr<std::pair<int, int>> pty = OpenPty(options);
  if (!pty.ok()) return pty.status();
  const auto [master, slave] = *pty;
  termios first_settings = {};
  tcgetattr(slave, &first_settings);
  absl::Cleanup close_master = [m = master] { close(m); };
  absl::Cleanup close_slave = [s = slave] { close(s); };
  int errors[2];
  if (pipe2(errors, O_CLOEXEC) != 0) return NoResources("no pipe");
  absl::Cleanup close_errors = [&] { close(errors[0]); };
  int sockets[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0) {
    close(errors[1]);
    return NoResources("no socket");
  }
  absl::Cleanup close_socket = [&] { close(sockets[0]); };
  StartGate gate;
  if (options.before_exec && !OpenGate(gate)) {
    close(errors[1]);
    close(sockets[1]);
    return NoResources("no pipe");
  }
  absl::Cleanup close_gate = [&] { close(gate.write); };
  const pid_t leader = ForkLeader({&command, slave, sockets[1], errors[1], gate, options.error_on_terminal});
  const int fork_error = errno;
  for (const int file : {errors[1], sockets[1], gate.read}) close(file);
  errno = fork_error;
  if (leader < 0) return NoResources("no process");
  PtyLeaderHello hello{0, ECHILD};
  while (recv(sockets[0], &hello, sizeof(hello), 0) < 0 && errno == EINTR) {
  }
  if (options.before_exec && hello.command > 0) {
    options.before_exec(hello.command);
    while (write(gate.write, "x", 1) < 0 && errno == EINTR) {
    }
  }
  absl::Status started = command.StartStatus(errors[0]);
  if (hello.command == 0) {
    errno = hello.error;
    started = NoResources("no process");
  }
  if (!started.ok()) {
    std::move(close_socket).Invoke();
    Reap(leader);
    return started;
  }
  std::move(close_socket).Cancel();
  std::move(close_master).Cancel();
  return std::unique_ptr<PtyProcess>(new PtyProcess(master, first_settings, sockets[0], leader, hello.command));
}

PtyProcess::~PtyProcess() {
  if (!ended_) static_cast<void>(SignalCommandGroup(SIGKILL));
  close(master_);
  close(socket_);
  Reap(leader_);
}

std::optional<ProcessChange> PtyProcess::NextChange() {
  if (ended_) return std::nullopt;
  ProcessChange change{ProcessChange::kLost, 0, false};
  const ssize_t size = recv(socket_, &change, sizeof(change), MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
  if (size != sizeof(change)) change = {ProcessChange::kLost, 0, false};
  ended_ = change.ended();
  return change;
}

void PtyProcess::SetUnchangedSettings(const termios& settings) const {
  termios now = {};
  if (tcgetattr(master_, &now) == 0 && AreEqual(now, first_settings_)) tcsetattr(master_, TCSANOW, &settings);
}

absl::Status PtyProcess::Resize(const winsize& size) const {
  if (ioctl(master_, TIOCSWINSZ, &size) != 0) return absl::ErrnoToStatus(errno, "the size of the PTY");
  return absl::OkStatus();
}

absl::Status PtyProcess::SignalForeground(int signal) const {
  const pid_t group = tcgetpgrp(master_);
  return Signal(group > 0 && group != leader_ ? -group : -pid_, signal);
}

absl::Status PtyProcess::SignalCommand(int signal) const { return Signal(pid_, signal); }

absl::Status PtyProcess::SignalCommandGroup(int signal) const { return Signal(-pid_, signal); }

absl::Status PtyProcess::Signal(pid_t whom, int signal) const {
  // The number may be somebody else's once the leader has reaped the command, which it does not say before it has.
  if (ended_) return absl::NotFoundError("the command has ended");
  if (kill(whom, signal) != 0) return absl::ErrnoToStatus(errno, absl::StrCat("signal ", signal));
  return absl::OkStatus();
}

}  // namespace eventlog
