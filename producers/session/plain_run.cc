#include "producers/session/plain_run.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace eventlog {
namespace {

// Of what waitpid has; the end last. Nothing when there is no news.
std::optional<ProcessChange> NextChange(pid_t child) {
  int status = 0;
  const pid_t changed = waitpid(child, &status, WNOHANG | WUNTRACED | WCONTINUED);
  if (changed == child) return ProcessChange::FromWait(status);
  if (changed < 0 && errno == ECHILD) return ProcessChange{ProcessChange::kLost, 0, false};
  return std::nullopt;
}

void HandleChange(const ProcessChange& change, pid_t child, SignalInbox& signals, SessionRecord& record) {
  if (change.kind == ProcessChange::kContinued) record.activity().Continued(absl::Now());
  if (change.kind != ProcessChange::kStopped) return;
  record.activity().Stopped();
  // That one was for the command alone, and nobody would tell us that it goes on.
  if (change.value == SIGSTOP) return;
  record.Flush();
  // The rest of the group has heard it.
  if (signals.Stop(change.value, SignalInbox::Whom::kProcess)) kill(child, SIGCONT);
}

// From the terminal, or for a group that the command is in, it has come to the command, too.
bool IsForUsAlone(const signalfd_siginfo& signal) {
  return signal.ssi_code == SI_USER && signal.ssi_signo != SIGCHLD && signal.ssi_signo != SIGWINCH;
}

}  // namespace

absl::StatusOr<ProcessChange> RunPlain(const SessionCommand& command, SignalInbox& signals, SessionRecord& record) {
  const CommandExec exec(command);
  if (absl::Status found = exec.CheckFound(); !found.ok()) return found;
  int errors[2];
  int gate[2];
  if (pipe2(errors, O_CLOEXEC) != 0 || pipe2(gate, O_CLOEXEC) != 0) {
    return absl::ResourceExhaustedError(absl::StrCat("no pipe: ", std::strerror(errno)));
  }
  const pid_t child = _Fork();
  if (child == 0) exec.Run(errors[1], {gate[0], gate[1]});
  const int fork_error = errno;
  close(errors[1]);
  close(gate[0]);
  if (child > 0) record.Created(child, /*own_group=*/false);
  while (child > 0 && write(gate[1], "x", 1) < 0 && errno == EINTR) {
  }
  close(gate[1]);
  const absl::Status started =
      child < 0 ? absl::ResourceExhaustedError(absl::StrCat("no process: ", std::strerror(fork_error)))
                : exec.StartStatus(errors[0]);
  close(errors[0]);
  if (!started.ok()) {
    if (child > 0) waitpid(child, nullptr, 0);
    return started;
  }
  while (true) {
    while (const std::optional<ProcessChange> change = NextChange(child)) {
      HandleChange(*change, child, signals, record);
      if (!change->ended()) continue;
      record.Removed(*change);
      return *change;
    }
    pollfd ready[] = {{signals.descriptor(), POLLIN, 0}};
    poll(ready, 1, -1);
    while (const std::optional<signalfd_siginfo> signal = signals.Next()) {
      if (IsForUsAlone(*signal)) kill(child, static_cast<int>(signal->ssi_signo));
    }
  }
}

}  // namespace eventlog
