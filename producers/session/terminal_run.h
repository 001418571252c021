// A command on a PTY inside the user's terminal, as if it were on the terminal itself.
//
// What is typed goes to the PTY as it is, what is printed comes to the terminal as it is, both through buffers with a
// bound: whoever is slow slows down the other end, and never the other direction. The terminal is raw meanwhile, so
// Ctrl-C and the like are bytes that the PTY interprets. Its size follows the terminal's.
//
// Ctrl-Z that stops the command itself stops this process (and its job) as well: the shell takes its terminal back, and
// its `fg` or `bg` continues both. In the background nothing is read, and the terminal is not changed.
// SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2 and SIGTSTP that somebody sends to this process are handed to the
// command; a terminal that is gone hangs it up, and what it prints from then on is nobody's.
//
// For one thread, which waits until the command has ended.

#ifndef PRODUCERS_SESSION_TERMINAL_RUN_H_
#define PRODUCERS_SESSION_TERMINAL_RUN_H_

#include <termios.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "producers/session/command_exec.h"
#include "producers/session/process_change.h"
#include "producers/session/pty_process.h"
#include "producers/session/raw_terminal.h"
#include "producers/session/session_record.h"
#include "producers/session/signal_inbox.h"

namespace eventlog {

class TerminalRun {
 public:
  // `input` and `output` are terminals. All outlive the object.
  TerminalRun(int input, int output, SignalInbox& signals, SessionRecord& record);
  ~TerminalRun();
  TerminalRun(const TerminalRun&) = delete;
  TerminalRun& operator=(const TerminalRun&) = delete;

  // How the command ended, once all that it printed is out, and the terminal is as it was; or why it did not start, as
  // of PtyProcess::Start. `error_on_terminal`: its standard error is the PTY too. Once.
  absl::StatusOr<ProcessChange> Run(const SessionCommand& command, bool error_on_terminal);

 private:
  // Each does what can be done without waiting.
  void ReadInput();
  void WriteInput();
  void ReadPrinted();
  void WritePrinted();

  // For the command's terminal; nothing while they are not for a command.
  std::optional<termios> FirstSettings();
  void WaitAndServe();
  void HandleSignals();
  void HandleChange(const ProcessChange& change);
  void StopToo(int signal);
  // Until everything that the command has printed is out, or there is nobody to take it.
  void Drain();
  void FollowSize();
  void FollowForeground();
  void HandleHangUp();
  void HangUp();
  int TimeoutMs() const;

  const int input_;
  // The terminal, opened once more: what is set there (not to block) is not set for the others who have it.
  const int own_output_;
  const int output_;
  SignalInbox& signals_;
  SessionRecord& record_;
  RawTerminal terminal_;
  std::unique_ptr<PtyProcess> process_;
  std::string to_command_;
  std::string to_terminal_;
  bool foreground_ = true;
  bool settled_ = true;  // the command's terminal has the settings of ours
  bool hung_up_ = false;
  ProcessChange end_;
};

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_TERMINAL_RUN_H_
