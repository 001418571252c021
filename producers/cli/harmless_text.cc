#include "producers/cli/harmless_text.h"

#include <cstdint>

#include "absl/strings/str_format.h"
#include "eventlog-svc/client/utf8_text.h"

namespace eventlog {
namespace {

// Of one character.
uint32_t Decode(absl::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first;
  uint32_t value = first & (0xffU >> (character.size() + 1));
  for (const char c : character.substr(1)) value = value << 6 | (static_cast<unsigned char>(c) & 0x3f);
  return value;
}

bool Between(uint32_t value, uint32_t first, uint32_t last) { return value >= first && value <= last; }

bool IsHarmful(uint32_t value) {
  return value < 0x20 || Between(value, 0x7f, 0x9f) || value == 0xad || value == 0x061c ||
         Between(value, 0x200b, 0x200f) || Between(value, 0x2028, 0x202e) || Between(value, 0x2060, 0x206f) ||
         value == 0xfeff || Between(value, 0xfff9, 0xfffb) || Between(value, 0xe0000, 0xe007f);
}

std::string Escape(uint32_t value) {
  switch (value) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      return value < 0x80 ? absl::StrFormat("\\x%02x", value) : absl::StrFormat("\\u%04x", value);
  }
}

}  // namespace

size_t AppendHarmless(absl::string_view text, size_t bytes_max, std::string& out) {
  size_t used = 0;
  for (size_t i = 0; i < text.size();) {
    const Utf8Sequence first = FirstUtf8Sequence(text.substr(i));
    const absl::string_view taken = text.substr(i, first.valid ? first.size : 1);
    std::string piece(taken);
    if (!first.valid) {
      piece = absl::StrFormat("\\x%02x", static_cast<unsigned char>(text[i]));
    } else if (const uint32_t value = Decode(taken); IsHarmful(value)) {
      piece = Escape(value);
    }
    if (piece.size() > bytes_max - used) return i;
    used += piece.size();
    out += piece;
    i += taken.size();
  }
  return text.size();
}

std::string Harmless(absl::string_view text) {
  std::string out;
  AppendHarmless(text, static_cast<size_t>(-1), out);
  return out;
}

}  // namespace eventlog
