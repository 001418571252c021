#include "producers/session/plain_run.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "producers/session/output_taps.h"
#include "producers/spool/fork_without_handlers.h"

namespace eventlog {
namespace {

// Of what waits in the pipes when everything stops.
constexpr int kServesMax = 16;

// Of what waitpid has; the end last. Nothing when there is no news.
std::optional<ProcessChange> NextChange(pid_t child) {
  int status = 0;
  const pid_t changed = waitpid(child, &status, WNOHANG | WUNTRACED | WCONTINUED);
  if (changed == child) return ProcessChange::FromWait(status);
  if (changed < 0 && errno == ECHILD) return ProcessChange{ProcessChange::kLost, 0, false};
  return std::nullopt;
}

// From the terminal, or for a group that the command is in, it has come to the command, too; but that the terminal is
// gone is said to the leader of its session alone.
bool IsForUsAlone(const signalfd_siginfo& signal) {
  if (signal.ssi_signo == SIGHUP && signal.ssi_code == SI_KERNEL) return getsid(0) == getpid();
  return signal.ssi_code == SI_USER && signal.ssi_signo != SIGCHLD && signal.ssi_signo != SIGWINCH;
}

// What ends a process that does nothing about it.
bool EndsUs(const signalfd_siginfo& signal) {
  return signal.ssi_signo != SIGCHLD && signal.ssi_signo != SIGWINCH && signal.ssi_signo != SIGCONT &&
         signal.ssi_signo != SIGTSTP;
}

class PlainRun {
 public:
  PlainRun(SignalInbox& signals, SessionRecord& record)
      : signals_(signals), record_(record), taps_([&record](absl::string_view bytes, session::v1::OutputStream stream) {
          record.activity().Printed(bytes, absl::Now(), stream);
        }) {
    sigemptyset(&heard_);
  }

  absl::Status Start(const SessionCommand& command) {
    const CommandExec exec(command);
    if (absl::Status found = exec.CheckFound(); !found.ok()) return found;
    int errors[2];
    int gate[2];
    if (pipe2(errors, O_CLOEXEC) != 0 || pipe2(gate, O_CLOEXEC) != 0) {
      return absl::ResourceExhaustedError(absl::StrCat("no pipe: ", std::strerror(errno)));
    }
    if (record_.activity().wants_output()) taps_.Open(STDOUT_FILENO, STDERR_FILENO);
    child_ = ForkWithoutHandlers();
    if (child_ == 0) {
      taps_.BecomeCommands();
      exec.Run(errors[1], {gate[0], gate[1]});
    }
    const int fork_error = errno;
    taps_.CloseCommandEnds();
    close(errors[1]);
    close(gate[0]);
    if (child_ > 0) record_.Created(child_, /*own_group=*/false);
    while (child_ > 0 && write(gate[1], "x", 1) < 0 && errno == EINTR) {
    }
    close(gate[1]);
    absl::Status started = child_ < 0
                               ? absl::ResourceExhaustedError(absl::StrCat("no process: ", std::strerror(fork_error)))
                               : exec.StartStatus(errors[0]);
    close(errors[0]);
    if (!started.ok() && child_ > 0) waitpid(child_, nullptr, 0);
    return started;
  }

  // How it ended; or how we do, who had still to bring what it printed to where it goes.
  ProcessChange Wait() {
    while (true) {
      while (const std::optional<ProcessChange> change = NextChange(child_)) {
        HandleChange(*change);
        if (change->ended()) return End(*change);
      }
      WaitAndServe();
      while (const std::optional<signalfd_siginfo> signal = signals_.Next()) {
        Hear(*signal);
        if (IsForUsAlone(*signal)) kill(child_, static_cast<int>(signal->ssi_signo));
      }
    }
  }

 private:
  void Hear(const signalfd_siginfo& signal) { sigaddset(&heard_, static_cast<int>(signal.ssi_signo)); }

  // What others said to us is why it ended, as far as can be seen.
  bool WasAsked(const ProcessChange& end) const {
    if (end.kind == ProcessChange::kSignaled && sigismember(&heard_, end.value) == 1) return true;
    return sigismember(&heard_, SIGTERM) == 1;
  }

  // Until a signal comes, one of the streams can go on, or something is due.
  void WaitAndServe() {
    taps_.WaitAndServe(signals_.descriptor(), record_.activity().TimeoutMs(absl::Now()));
    record_.activity().Tick(absl::Now());
  }

  void HandleChange(const ProcessChange& change) {
    if (change.kind == ProcessChange::kContinued) record_.activity().Continued(absl::Now());
    if (change.kind != ProcessChange::kStopped) return;
    record_.activity().Stopped();
    // That one was for the command alone, and nobody would tell us that it goes on.
    if (change.value == SIGSTOP) return;
    // What was printed before is seen before; not more of it than there is room for.
    for (int serves = 0; serves < kServesMax && taps_.WaitAndServe(-1, 0); ++serves) {
    }
    record_.Flush();
    // The rest of the group has heard it.
    if (signals_.Stop(change.value, SignalInbox::Whom::kProcess)) kill(child_, SIGCONT);
  }

  ProcessChange End(const ProcessChange& end) {
    const std::optional<int> signal = Deliver(end);
    record_.Removed(end);
    const absl::Status lost = taps_.status();
    taps_.LeaveBehind();
    if (signal.has_value()) return {ProcessChange::kSignaled, *signal, false};
    if (lost.ok()) return end;
    // The command could not know it: it is for us to say, and to fail.
    dprintf(STDERR_FILENO, "session: %s\n", std::string(lost.message()).c_str());
    return end.kind == ProcessChange::kExited && end.value == 0 ? ProcessChange{ProcessChange::kExited, 1, false} : end;
  }

  // As the command would have had to wait for a reader that is slow, unless it was asked to end: what cannot go at once
  // is left behind then. The signal that ends it, if one does.
  std::optional<int> Deliver(const ProcessChange& end) {
    // What came before the end was for the command, too.
    while (const std::optional<signalfd_siginfo> signal = signals_.Next()) Hear(*signal);
    taps_.CommandEnded();
    const bool waits = !WasAsked(end);
    while (!waits && taps_.WaitAndServe(-1, 0)) {
    }
    while (waits && !taps_.delivered()) {
      WaitAndServe();
      while (const std::optional<signalfd_siginfo> signal = signals_.Next()) {
        if (signal->ssi_signo == SIGTSTP) signals_.Stop(SIGTSTP, SignalInbox::Whom::kProcess);
        if (EndsUs(*signal)) return static_cast<int>(signal->ssi_signo);
      }
    }
    return std::nullopt;
  }

  SignalInbox& signals_;
  SessionRecord& record_;
  OutputTaps taps_;
  pid_t child_ = -1;
  sigset_t heard_;  // signals that came while the command ran
};

}  // namespace

absl::StatusOr<ProcessChange> RunPlain(const SessionCommand& command, SignalInbox& signals, SessionRecord& record) {
  PlainRun run(signals, record);
  if (absl::Status started = run.Start(command); !started.ok()) return started;
  return run.Wait();
}

}  // namespace eventlog
