// What a program's output has switched on in a terminal: followed byte by byte, so that it can be switched on in
// another terminal that begins to look later, and off again in one that stops to look.
//
// Knows the places where a stream can be cut: outside of escape sequences (ECMA-48) and UTF-8 characters. Private modes
// (DECSET, DECRST), the keypad's (DECKPAM, DECKPNM), soft and full reset are followed; text and attributes are not.
// Sans I/O; bounded memory; one thread.

#ifndef PRODUCERS_SESSION_ATTACH_TERMINAL_MODES_H_
#define PRODUCERS_SESSION_ATTACH_TERMINAL_MODES_H_

#include <map>
#include <string>

#include "absl/strings/string_view.h"

namespace eventlog {

class TerminalModes {
 public:
  void Feed(absl::string_view bytes) {
    for (char byte : bytes) FeedByte(static_cast<unsigned char>(byte));
  }
  // Whether the stream may be cut behind what was fed.
  bool AtBoundary() const { return state_ == State::kGround && continuation_bytes_ == 0; }
  // Brings a terminal that was reset to what the stream has made of one.
  std::string Restore() const;
  // Brings a terminal that the stream has changed back to what people expect of one.
  std::string Undo() const;
  // As a terminal does itself whose size changes: all of it scrolls. Empty when it does already.
  std::string UndoScrollRegion() const;

 private:
  // Of ECMA-48 as xterm reads it. kString: OSC, DCS, SOS, PM and APC, which end with ST; OSC also with BEL.
  enum class State { kGround, kEscape, kEscapeIntermediate, kControlSequence, kString, kStringEscape };

  void FeedByte(unsigned char byte);
  void FeedGround(unsigned char byte);
  void FeedEscape(unsigned char byte);
  void FeedControlSequence(unsigned char byte);
  void EndControlSequence(char final_byte);
  void Reset();

  State state_ = State::kGround;
  int continuation_bytes_ = 0;  // of a UTF-8 character, that are still to come
  std::string parameters_;      // of a control sequence, up to a bound
  std::map<int, bool> modes_;   // private modes that were set or reset, up to a bound
  bool application_keypad_ = false;
  bool scroll_region_ = false;
};

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_ATTACH_TERMINAL_MODES_H_
