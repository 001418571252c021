#include "producers/session/raw_terminal.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>

namespace eventlog {
namespace {

constexpr int kCrashes[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};

// What the crash handler restores; below 0: nothing.
std::atomic<int> crash_terminal{-1};
termios crash_settings;

void RestoreAndCrash(int signal) {
  const int terminal = crash_terminal.exchange(-1);
  if (terminal >= 0) tcsetattr(terminal, TCSANOW, &crash_settings);
  // The handler is there once (SA_RESETHAND): this is the default action.
  raise(signal);
}

void SetCrashHandler(void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
  for (const int crash : kCrashes) sigaction(crash, &action, nullptr);
}

}  // namespace

RawTerminal::RawTerminal(int terminal) : terminal_(terminal), settings_() { tcgetattr(terminal_, &settings_); }

RawTerminal::~RawTerminal() { Restore(); }

bool RawTerminal::foreground() const { return tcgetpgrp(terminal_) == getpgrp(); }

void RawTerminal::Enter() {
  if (!foreground()) return;
  // Somebody may have changed it since: what is to come back is what was there last.
  if (!raw_) tcgetattr(terminal_, &settings_);
  termios raw = settings_;
  cfmakeraw(&raw);
  crash_settings = settings_;
  crash_terminal = terminal_;
  SetCrashHandler(RestoreAndCrash);
  // Not with a flush: what was typed before is for the command.
  raw_ = tcsetattr(terminal_, TCSANOW, &raw) == 0;
}

void RawTerminal::Restore() {
  if (!raw_) return;
  if (foreground()) tcsetattr(terminal_, TCSANOW, &settings_);
  crash_terminal = -1;
  SetCrashHandler(SIG_DFL);
  raw_ = false;
}

}  // namespace eventlog
