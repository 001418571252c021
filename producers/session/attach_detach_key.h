// The keys that detach a terminal from its session: a prefix and a key, as in screen and tmux.
//
// Everything typed goes to the session but these two, one after the other. The prefix twice gives it to the session
// once; the prefix and any other key gives both. Sans I/O; one thread.

#ifndef PRODUCERS_SESSION_ATTACH_DETACH_KEY_H_
#define PRODUCERS_SESSION_ATTACH_DETACH_KEY_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace eventlog {

// Ctrl-\ and d: neither screen (Ctrl-A), tmux (Ctrl-B), shells nor editors use the prefix, so these can be in a
// session.
inline constexpr char kDefaultDetachKey[] = "ctrl-\\ d";
// Where --detach_key is not given.
inline constexpr char kDetachKeyVariable[] = "EVENTLOG_DETACH_KEY";

class DetachKey {
 public:
  // "ctrl-X KEY", "C-X KEY" or "^X KEY" with one character as KEY; "none": nothing detaches. kInvalidArgument says what
  // would be right.
  static absl::StatusOr<DetachKey> Parse(absl::string_view text);

  struct Typed {
    std::string input;  // what the session gets
    bool detach;        // what was typed behind it is left out
  };
  Typed Feed(absl::string_view bytes);
  // As people read it: "Ctrl-\ d"; empty for none.
  std::string Name() const;

 private:
  std::optional<char> prefix_;
  char key_ = 0;
  bool prefix_typed_ = false;
};

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_ATTACH_DETACH_KEY_H_
