#include "producers/session/attach_terminal_modes.h"

#include <cstddef>
#include <initializer_list>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace eventlog {
namespace {

constexpr unsigned char kEscapeByte = 0x1b;
constexpr unsigned char kBell = 0x07;
constexpr unsigned char kCancel = 0x18;
constexpr unsigned char kSubstitute = 0x1a;
constexpr size_t kParametersBytesMax = 256;
constexpr size_t kModesMax = 64;

constexpr int kAutoWrap = 7;
constexpr int kCursorVisible = 25;
constexpr int kAlternateScreen = 1049;

bool IsAlternateScreen(int mode) { return mode == 47 || mode == 1047 || mode == kAlternateScreen; }

// Of a terminal after a reset, and as shells expect it.
bool OnByDefault(int mode) { return mode == kAutoWrap || mode == kCursorVisible; }

std::string SetMode(int mode, bool on) { return absl::StrCat("\x1b[?", mode, on ? "h" : "l"); }

}  // namespace

void TerminalModes::FeedByte(unsigned char byte) {
  if (byte == kCancel || byte == kSubstitute) {
    state_ = State::kGround;
    continuation_bytes_ = 0;
    return;
  }
  switch (state_) {
    case State::kGround:
      return FeedGround(byte);
    case State::kEscape:
      return FeedEscape(byte);
    case State::kEscapeIntermediate:
      if (byte >= 0x30 || byte == kEscapeByte) state_ = byte == kEscapeByte ? State::kEscape : State::kGround;
      return;
    case State::kControlSequence:
      return FeedControlSequence(byte);
    case State::kString:
      if (byte == kBell) state_ = State::kGround;
      if (byte == kEscapeByte) state_ = State::kStringEscape;
      return;
    case State::kStringEscape:
      // ESC \ ends the string; ESC and anything else begins something new.
      state_ = State::kEscape;
      return FeedEscape(byte);
  }
}

void TerminalModes::FeedGround(unsigned char byte) {
  if (byte == kEscapeByte) {
    continuation_bytes_ = 0;
    state_ = State::kEscape;
  } else if (byte >= 0x80 && byte < 0xc0) {
    if (continuation_bytes_ > 0) --continuation_bytes_;
  } else {
    continuation_bytes_ = byte < 0xc0 ? 0 : byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : byte < 0xf8 ? 3 : 0;
  }
}

void TerminalModes::FeedEscape(unsigned char byte) {
  state_ = State::kGround;
  if (byte == '[') {
    parameters_.clear();
    state_ = State::kControlSequence;
  } else if (byte == ']' || byte == 'P' || byte == 'X' || byte == '^' || byte == '_') {
    state_ = State::kString;
  } else if (byte == kEscapeByte) {
    state_ = State::kEscape;
  } else if (byte >= 0x20 && byte < 0x30) {
    state_ = State::kEscapeIntermediate;
  } else if (byte == '=' || byte == '>') {
    application_keypad_ = byte == '=';
  } else if (byte == 'c') {
    Reset();
  }
}

void TerminalModes::FeedControlSequence(unsigned char byte) {
  if (byte == kEscapeByte) {
    state_ = State::kEscape;
  } else if (byte >= 0x40 && byte < 0x7f) {
    state_ = State::kGround;
    EndControlSequence(static_cast<char>(byte));
  } else if (byte >= 0x20 && byte < 0x40 && parameters_.size() < kParametersBytesMax) {
    parameters_.push_back(static_cast<char>(byte));
  }
}

void TerminalModes::EndControlSequence(char final_byte) {
  const absl::string_view parameters = parameters_;
  if (final_byte == 'p' && parameters == "!") Reset();
  if (final_byte == 'r' && (parameters.empty() || absl::ascii_isdigit(static_cast<unsigned char>(parameters[0])))) {
    scroll_region_ = !parameters.empty();
  }
  if ((final_byte != 'h' && final_byte != 'l') || parameters.empty() || parameters[0] != '?') return;
  for (absl::string_view word : absl::StrSplit(parameters.substr(1), ';')) {
    int mode = 0;
    if (!absl::SimpleAtoi(word, &mode) || (modes_.size() >= kModesMax && modes_.count(mode) == 0)) continue;
    modes_[mode] = final_byte == 'h';
  }
}

void TerminalModes::Reset() {
  modes_.clear();
  application_keypad_ = false;
  scroll_region_ = false;
}

std::string TerminalModes::Restore() const {
  std::string text;
  // The screen first: switching to the other one may clear it.
  for (bool screens : {true, false}) {
    for (const auto& [mode, on] : modes_) {
      if (IsAlternateScreen(mode) == screens && on != OnByDefault(mode)) text += SetMode(mode, on);
    }
  }
  if (application_keypad_) text += "\x1b=";
  return text;
}

std::string TerminalModes::Undo() const {
  std::string text;
  // A string or sequence that was cut would swallow what comes next.
  if (!AtBoundary()) text += "\x18";
  for (bool screens : {false, true}) {
    for (const auto& [mode, on] : modes_) {
      if (IsAlternateScreen(mode) == screens && on != OnByDefault(mode)) text += SetMode(mode, OnByDefault(mode));
    }
  }
  text += UndoScrollRegion();
  if (application_keypad_) text += "\x1b>";
  return text + "\x1b[m";
}

std::string TerminalModes::UndoScrollRegion() const {
  if (!scroll_region_) return "";
  return "\x1b"
         "7\x1b[r\x1b"
         "8";
}

}  // namespace eventlog
