// The user's terminal while somebody else interprets what is typed: raw, and certainly as it was afterwards.
//
// Restored by Restore, by the destructor, and by a crash of this process (SIGSEGV and the like). After SIGKILL it stays
// raw: nothing can be done then; `reset` or `stty sane` helps. A terminal is only changed by who is in its foreground:
// a shell that has taken it back has set it as it likes.
//
// Thread compatible. One object at a time has the crash handler.

#ifndef PRODUCERS_SESSION_RAW_TERMINAL_H_
#define PRODUCERS_SESSION_RAW_TERMINAL_H_

#include <termios.h>

namespace eventlog {

class RawTerminal {
 public:
  // `terminal` is a descriptor of one, and outlives the object.
  explicit RawTerminal(int terminal);
  ~RawTerminal();
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;

  // Makes it raw; nothing, where we are not in the foreground.
  void Enter();
  void Restore();

  // Whether this process's group has the terminal. Then it may be read.
  bool foreground() const;
  bool raw() const { return raw_; }
  // As it was before Enter.
  const termios& settings() const { return settings_; }

 private:
  const int terminal_;
  termios settings_;
  bool raw_ = false;
};

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_RAW_TERMINAL_H_
