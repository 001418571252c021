// What a session printed last, bounded in bytes, for clients that each are a position in it: the sessiond's side of "a
// client is a cursor, not a queue".
//
// A position is the number of a byte in all that the command ever printed. Who stands below start() has lost what is in
// between and begins anew with Repaint(). The ring begins where a terminal can begin to read: behind a line's end where
// one is near, never in an escape sequence or a character. Sans I/O; one thread.

#ifndef PRODUCERS_SESSION_SESSIOND_OUTPUT_RING_H_
#define PRODUCERS_SESSION_SESSIOND_OUTPUT_RING_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "producers/session/attach_terminal_modes.h"

namespace eventlog {

class OutputRing {
 public:
  // At least 1 KiB.
  explicit OutputRing(size_t bytes_max);

  void Append(absl::string_view bytes);
  // The size of the command's terminal is another. A program that draws a screen counts on what a terminal does then:
  // it forgets the scroll region. One that reads this later, and had that size all the time, would not.
  void OnResized();
  int64_t start() const { return start_; }
  int64_t end() const { return start_ + static_cast<int64_t>(size()); }
  // At most `bytes_max` of what follows a position between start() and end(). Valid until the next Append.
  absl::string_view From(int64_t position, size_t bytes_max) const;
  // What a terminal is sent before it reads from start(): it is cleared, and set as the command has set it there.
  std::string Repaint() const;

 private:
  size_t size() const { return bytes_.size() - begin_; }
  void DropFront(size_t at_least);

  const size_t bytes_max_;
  std::string bytes_;
  size_t begin_ = 0;  // what lies before is dropped, and is moved away now and then
  int64_t start_ = 0;
  TerminalModes modes_;  // of all that was dropped
};

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_SESSIOND_OUTPUT_RING_H_
