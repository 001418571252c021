#include "producers/session/terminal_run.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "absl/time/clock.h"
#include "producers/session/reopen_output.h"

namespace eventlog {
namespace {

constexpr size_t kBufferBytes = 64 * 1024;
// What may still be printed by those that the command has left in the background, when it has ended.
constexpr size_t kDrainBytes = 1024 * 1024;
// Who brings a running job to the foreground does not say so.
constexpr int kBackgroundIntervalMs = 100;
// To a terminal that may block: no more than it has room for whenever it says that it has.
constexpr size_t kBlockingBytes = 256;

bool IsGone(int terminal) {
  termios settings;
  return tcgetattr(terminal, &settings) != 0;
}

winsize SizeOf(int terminal) {
  winsize size = {};
  ioctl(terminal, TIOCGWINSZ, &size);
  return size;
}

}  // namespace

TerminalRun::TerminalRun(int input, int output, SignalInbox& signals, SessionRecord& record)
    : input_(input),
      own_output_(ReopenOutput(output)),
      output_(own_output_ >= 0 ? own_output_ : output),
      signals_(signals),
      record_(record),
      terminal_(input),
      end_{ProcessChange::kLost, 0, false} {}

TerminalRun::~TerminalRun() {
  if (own_output_ >= 0) close(own_output_);
}

absl::StatusOr<ProcessChange> TerminalRun::Run(const SessionCommand& command, bool error_on_terminal) {
  absl::StatusOr<std::unique_ptr<PtyProcess>> started =
      PtyProcess::Start({command, SizeOf(input_), FirstSettings(), error_on_terminal,
                         [this](pid_t pid) { record_.Created(pid, /*own_group=*/true); }});
  if (!started.ok()) return started.status();
  process_ = *std::move(started);
  record_.activity().Watch(absl::Now());
  FollowForeground();
  while (!process_->ended()) WaitAndServe();
  Drain();
  terminal_.Restore();
  record_.Removed(end_);
  return end_;
}

std::optional<termios> TerminalRun::FirstSettings() {
  // A shell sets the terminal for itself, to edit a line, while its job is in the background.
  settled_ = terminal_.foreground();
  termios settings = {};
  if (!settled_ || tcgetattr(input_, &settings) != 0) return std::nullopt;
  return settings;
}

void TerminalRun::WaitAndServe() {
  const bool read_input = foreground_ && !hung_up_ && to_command_.size() < kBufferBytes;
  const bool read_printed = to_terminal_.size() < kBufferBytes;
  const auto events = [](bool in, bool out) { return static_cast<short>((in ? POLLIN : 0) | (out ? POLLOUT : 0)); };
  const auto wanted = [&](int file, bool in, bool out) { return pollfd{in || out ? file : -1, events(in, out), 0}; };
  pollfd ready[] = {wanted(signals_.descriptor(), true, false), wanted(process_->changes(), true, false),
                    wanted(process_->master(), read_printed, !to_command_.empty()), wanted(input_, read_input, false),
                    wanted(output_, false, !to_terminal_.empty())};
  poll(ready, 5, TimeoutMs());
  if (!foreground_) FollowForeground();
  HandleSignals();
  if (ready[3].revents != 0) ReadInput();
  WriteInput();
  if (ready[2].revents != 0 && read_printed) ReadPrinted();
  WritePrinted();
  // Behind what was printed: who stood still meanwhile has not seen nothing.
  record_.activity().Tick(absl::Now());
  while (const std::optional<ProcessChange> change = process_->NextChange()) HandleChange(*change);
}

int TerminalRun::TimeoutMs() const {
  const int timeout_ms = record_.activity().TimeoutMs(absl::Now());
  if (foreground_ || hung_up_) return timeout_ms;
  return timeout_ms < 0 ? kBackgroundIntervalMs : std::min(timeout_ms, kBackgroundIntervalMs);
}

void TerminalRun::ReadInput() {
  char chunk[kBufferBytes];
  const ssize_t size = read(input_, chunk, sizeof(chunk));
  if (size > 0) {
    to_command_.append(chunk, static_cast<size_t>(size));
  } else if (size == 0 || errno == EIO) {
    // Also what the kernel says to who reads in the background.
    FollowForeground();
    if (foreground_) HangUp();
  }
}

void TerminalRun::WriteInput() {
  while (!to_command_.empty()) {
    const ssize_t size = write(process_->master(), to_command_.data(), to_command_.size());
    if (size <= 0) return;
    to_command_.erase(0, static_cast<size_t>(size));
  }
}

void TerminalRun::ReadPrinted() {
  char chunk[kBufferBytes];
  const ssize_t size = read(process_->master(), chunk, sizeof(chunk));
  if (size <= 0) return;
  const absl::string_view bytes(chunk, static_cast<size_t>(size));
  record_.activity().Printed(bytes, absl::Now());
  if (!hung_up_) to_terminal_.append(bytes.data(), bytes.size());
}

void TerminalRun::WritePrinted() {
  while (!to_terminal_.empty()) {
    const size_t most = own_output_ >= 0 ? to_terminal_.size() : kBlockingBytes;
    pollfd ready[] = {{output_, POLLOUT, 0}};
    if (own_output_ < 0 && poll(ready, 1, 0) <= 0) return;
    const ssize_t size = write(output_, to_terminal_.data(), std::min(most, to_terminal_.size()));
    if (size < 0 && errno != EAGAIN && errno != EINTR) HangUp();
    if (size <= 0) return;
    to_terminal_.erase(0, static_cast<size_t>(size));
  }
}

void TerminalRun::HandleSignals() {
  while (const std::optional<signalfd_siginfo> signal = signals_.Next()) {
    switch (signal->ssi_signo) {
      case SIGWINCH:
        FollowSize();
        break;
      case SIGHUP:
        HandleHangUp();
        break;
      case SIGCONT:
        FollowForeground();
        break;
      case SIGCHLD:
        break;
      default:
        static_cast<void>(process_->SignalCommand(static_cast<int>(signal->ssi_signo)));
    }
  }
}

void TerminalRun::HandleChange(const ProcessChange& change) {
  if (change.ended()) {
    end_ = change;
  } else if (change.kind == ProcessChange::kContinued) {
    record_.activity().Continued(absl::Now());
  } else {
    record_.activity().Stopped();
    StopToo(change.value);
  }
}

void TerminalRun::StopToo(int signal) {
  if (hung_up_) return;
  Drain();
  record_.Flush();
  terminal_.Restore();
  // Meanwhile the command may have gone on, or away, with a SIGCONT that is not heard any more.
  pollfd news = {process_->changes(), POLLIN, 0};
  if (poll(&news, 1, 0) > 0) return FollowForeground();
  const bool stopped =
      signals_.Stop(signal, signal == SIGSTOP ? SignalInbox::Whom::kProcess : SignalInbox::Whom::kGroup);
  FollowForeground();
  // Nobody has stopped us where there is no shell that could: then the command goes on as well, as it would have
  // without us, but for one that wanted the terminal and would do so again.
  if (stopped || signal == SIGTSTP) static_cast<void>(process_->SignalCommandGroup(SIGCONT));
}

void TerminalRun::Drain() {
  size_t drained = 0;
  while (!hung_up_ && drained < kDrainBytes) {
    const size_t before = to_terminal_.size();
    if (before < kBufferBytes) ReadPrinted();
    const size_t read = to_terminal_.size() - before;
    drained += read;
    WritePrinted();
    if (to_terminal_.empty() && read == 0) return;
    if (to_terminal_.empty()) continue;
    pollfd ready[] = {{output_, POLLOUT, 0}, {signals_.descriptor(), POLLIN, 0}};
    poll(ready, 2, -1);
    while (const std::optional<signalfd_siginfo> signal = signals_.Next()) {
      // Who is asked to end does not wait for a terminal that takes nothing.
      if (signal->ssi_signo == SIGHUP || signal->ssi_signo == SIGTERM || signal->ssi_signo == SIGINT) return HangUp();
    }
  }
}

void TerminalRun::FollowSize() { static_cast<void>(process_->Resize(SizeOf(input_))); }

void TerminalRun::FollowForeground() {
  foreground_ = terminal_.foreground();
  if (!foreground_) {
    // Nobody says it to who is in the background.
    if (IsGone(input_)) HangUp();
    return;
  }
  // Also where it is raw for all that we know: a shell that had it meanwhile has set it otherwise.
  terminal_.Enter();
  if (!settled_) process_->SetUnchangedSettings(terminal_.settings());
  settled_ = true;
  FollowSize();
}

void TerminalRun::HandleHangUp() {
  if (IsGone(input_)) return HangUp();
  // The terminal is there: somebody means the command, which may do with it what it likes.
  static_cast<void>(process_->SignalCommand(SIGHUP));
}

void TerminalRun::HangUp() {
  if (hung_up_) return;
  hung_up_ = true;
  to_terminal_.clear();
  to_command_.clear();
  static_cast<void>(process_->SignalForeground(SIGHUP));
  static_cast<void>(process_->SignalCommandGroup(SIGHUP));
  static_cast<void>(process_->SignalCommandGroup(SIGCONT));
}

}  // namespace eventlog
