#include "producers/session/attach_detach_key.h"

#include <initializer_list>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace eventlog {
namespace {

constexpr unsigned char kControl = 0x40;  // Ctrl-X is X without this bit

}  // namespace

absl::StatusOr<DetachKey> DetachKey::Parse(absl::string_view text) {
  DetachKey key;
  if (text == "none") return key;
  const absl::Status wrong = absl::InvalidArgumentError(
      absl::StrCat("\"", text, "\" is no detach key; right is a control character and a character, as \"",
                   kDefaultDetachKey, "\" or \"ctrl-a d\", or \"none\""));
  absl::string_view rest = text;
  for (absl::string_view word : {"ctrl-", "c-", "^"}) {
    if (!absl::StartsWithIgnoreCase(rest, word)) continue;
    rest.remove_prefix(word.size());
    break;
  }
  if (rest.size() == text.size() || rest.size() != 3 || rest[1] != ' ') return wrong;
  const unsigned char letter = static_cast<unsigned char>(absl::ascii_toupper(static_cast<unsigned char>(rest[0])));
  // Ctrl-@ is NUL, Ctrl-M and Ctrl-J are what Enter sends, Ctrl-I is Tab and Ctrl-[ begins the keys with arrows.
  if (letter <= kControl || letter >= 0x60 || absl::StrContains("MJI[", static_cast<char>(letter))) return wrong;
  if (!absl::ascii_isgraph(static_cast<unsigned char>(rest[2]))) return wrong;
  key.prefix_ = static_cast<char>(letter ^ kControl);
  key.key_ = rest[2];
  return key;
}

DetachKey::Typed DetachKey::Feed(absl::string_view bytes) {
  Typed typed{"", false};
  for (char byte : bytes) {
    const bool behind_prefix = prefix_typed_;
    prefix_typed_ = false;
    if (behind_prefix && byte == key_) {
      typed.detach = true;
      break;
    }
    if (behind_prefix) {
      typed.input.push_back(*prefix_);
      if (byte == *prefix_) continue;
    } else if (prefix_.has_value() && byte == *prefix_) {
      prefix_typed_ = true;
      continue;
    }
    typed.input.push_back(byte);
  }
  return typed;
}

std::string DetachKey::Name() const {
  if (!prefix_.has_value()) return "";
  const char letter = static_cast<char>(static_cast<unsigned char>(*prefix_) ^ kControl);
  return absl::StrCat("Ctrl-", std::string(1, letter), " ", std::string(1, key_));
}

}  // namespace eventlog
