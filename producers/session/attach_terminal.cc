#include "producers/session/attach_terminal.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <initializer_list>
#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "producers/session/attach_loop.h"
#include "producers/session/raw_terminal.h"
#include "producers/session/reopen_output.h"
#include "producers/session/session_events.h"
#include "producers/session/signal_inbox.h"

namespace eventlog {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(10);

void OnSignals(SignalInbox& signals, RawTerminal& terminal, AttachLoop& loop) {
  while (const std::optional<signalfd_siginfo> info = signals.Next()) {
    switch (info->ssi_signo) {
      case SIGCONT:
        // A shell that had the terminal meanwhile has set it otherwise.
        terminal.Enter();
        loop.SayWindowSize(TerminalSize());
        break;
      case SIGWINCH:
        loop.SayWindowSize(TerminalSize());
        break;
      case SIGINT:
      case SIGQUIT:
      case SIGTERM:
        loop.Detach();
        break;
      default:
        // SIGHUP: the terminal is gone, which reading it says.
        break;
    }
  }
}

}  // namespace

session::v1::WindowSize TerminalSize() {
  for (int stream : {STDOUT_FILENO, STDIN_FILENO, STDERR_FILENO}) {
    winsize size;
    if (ioctl(stream, TIOCGWINSZ, &size) == 0 && size.ws_row > 0) return WindowSizeOf(size);
  }
  return {};
}

absl::StatusOr<session::v1::Ended> AttachTerminal(SessiondClient& client, const std::string& session,
                                                  const DetachKey& detach_key) {
  if (isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0) {
    return absl::FailedPreconditionError("standard input and output must be a terminal");
  }
  // Before the request: a size that changes meanwhile is not missed.
  SignalInbox signals;
  session::v1::DaemonRequest request;
  request.mutable_attach()->set_session(session);
  *request.mutable_attach()->mutable_window_size() = TerminalSize();
  const absl::StatusOr<session::v1::DaemonReply> reply = client.Ask(std::move(request), kPatience);
  if (!reply.ok()) return reply.status();

  AttachLoopOptions options;
  options.socket = client.socket();
  options.input = STDIN_FILENO;
  const int output = ReopenOutput(STDOUT_FILENO);
  const absl::Cleanup close_output = [&] {
    if (output >= 0) close(output);
  };
  options.output = output < 0 ? STDOUT_FILENO : output;
  options.events = signals.descriptor();
  options.detach_key = detach_key;
  options.input_bytes_max = reply->attached().input_bytes_max();
  RawTerminal terminal(STDIN_FILENO);
  terminal.Enter();
  AttachLoop loop(options, std::move(client.reader()));
  absl::StatusOr<session::v1::Ended> ended = loop.Run([&] { OnSignals(signals, terminal, loop); });
  loop.UndoModes();
  terminal.Restore();
  return ended;
}

}  // namespace eventlog
