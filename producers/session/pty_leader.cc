#include "producers/session/pty_leader.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "absl/types/span.h"
#include "producers/session/close_all_but.h"
#include "producers/spool/fork_without_handlers.h"

namespace eventlog {
namespace {

// How often a holder that has not read what it was told is continued again.
constexpr int kUnreadMs = 100;

// A terminal that is gone, or a holder that is: nobody is left to be told.
void Tell(int holder, const void* message, size_t size) {
  const ssize_t sent = send(holder, message, size, MSG_NOSIGNAL);
  static_cast<void>(sent);
}

[[noreturn]] void BecomeCommand(const PtyLeader& leader) {
  setpgid(0, 0);
  tcsetpgrp(leader.slave, getpid());
  dup2(leader.slave, STDIN_FILENO);
  dup2(leader.slave, STDOUT_FILENO);
  if (leader.error_on_terminal) dup2(leader.slave, STDERR_FILENO);
  leader.command->Run(leader.errors, leader.gate);
}

// The leader lives as long as its session: it must not keep alive what others wait for the end of (pipes, locks).
void CloseOthers(int kept, int also_kept) {
  const int null = open("/dev/null", O_RDWR);
  for (int stream = STDIN_FILENO; null >= 0 && stream <= STDERR_FILENO; ++stream) dup2(null, stream);
  std::array<int, 5> all_kept = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, kept, also_kept};
  CloseAllBut(absl::MakeSpan(all_kept));
}

class Watch {
 public:
  Watch(const PtyLeader& leader, pid_t command, pid_t holder)
      : slave_(leader.slave), socket_(leader.holder), command_(command), holder_(holder) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGHUP);
    signals_ = signalfd(-1, &signals, SFD_NONBLOCK);
  }

  // Until the command has ended and nobody holds the terminal.
  void Run() {
    while (!ended_ || held_) {
      pollfd ready[] = {{signals_, POLLIN, 0}, {held_ ? socket_ : -1, POLLIN, 0}};
      poll(ready, 2, HasUnread() ? kUnreadMs : -1);
      signalfd_siginfo info;
      while (read(signals_, &info, sizeof(info)) == sizeof(info)) {
        if (info.ssi_signo == SIGHUP) HangUp();
      }
      // Also after a signal that only seems to be of somebody else: several become one.
      Reap();
      if (ready[1].revents != 0) held_ = false;
      if (!held_ && !ended_) HangUp();
      if (HasUnread()) ContinueHolder();
    }
  }

 private:
  // The kernel tells the leader alone that the terminal is gone.
  void HangUp() const {
    if (ended_) return;
    kill(-command_, SIGHUP);
    kill(-command_, SIGCONT);
  }

  void Reap() {
    int status = 0;
    pid_t child = 0;
    while (!ended_ && (child = waitpid(command_, &status, WNOHANG | WUNTRACED | WCONTINUED)) != 0) {
      if (child < 0 && errno == EINTR) continue;
      const ProcessChange change =
          child < 0 ? ProcessChange{ProcessChange::kLost, 0, false} : ProcessChange::FromWait(status);
      ended_ = change.ended();
      // Or else the foreground group, with what the command has left in the background, got SIGHUP at our end.
      if (ended_) tcsetpgrp(slave_, getpgrp());
      Tell(socket_, &change, sizeof(change));
      // Who stopped itself because the command was stopped goes on when somebody continues the command, or kills it.
      // (An end that comes soon hides that the command was continued.)
      goes_on_ = change.kind != ProcessChange::kStopped;
      if (goes_on_) ContinueHolder();
    }
  }

  void ContinueHolder() const {
    if (getppid() == holder_) kill(holder_, SIGCONT);
  }

  // A SIGCONT that comes just before the holder stops itself is lost: then it has not read why, and gets another.
  bool HasUnread() const {
    int bytes = 0;
    return goes_on_ && held_ && ioctl(socket_, SIOCOUTQ, &bytes) == 0 && bytes > 0;
  }

  const int slave_;
  const int socket_;
  const pid_t command_;
  const pid_t holder_;
  int signals_ = -1;
  bool ended_ = false;
  bool held_ = true;
  bool goes_on_ = false;  // so the holder was told last
};

}  // namespace

void RunPtyLeader(const PtyLeader& leader) {
  const pid_t holder = getppid();
  prctl(PR_SET_NAME, "session-leader");
  signal(SIGCHLD, SIG_DFL);
  setsid();
  ioctl(leader.slave, TIOCSCTTY, 0);
  const pid_t command = ForkWithoutHandlers();
  if (command == 0) BecomeCommand(leader);
  const PtyLeaderHello hello{std::max(command, 0), command < 0 ? errno : 0};
  CloseOthers(leader.slave, leader.holder);
  Tell(leader.holder, &hello, sizeof(hello));
  if (command > 0) Watch(leader, command, holder).Run();
  _exit(0);
}

}  // namespace eventlog
