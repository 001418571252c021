#include "eventlog-svc/client/utf8_text.h"

namespace eventlog {

Utf8Sequence FirstUtf8Sequence(absl::string_view bytes) {
  const auto byte = [&](size_t at) { return static_cast<unsigned char>(bytes[at]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {1, true, false};
  if (first < 0xC2 || first >= 0xF5) return {1, false, false};
  const size_t size = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  for (size_t i = 1; i < size; ++i) {
    if (i == bytes.size()) return {i, false, true};
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    if (i == 1 && first == 0xE0) low = 0xA0;
    if (i == 1 && first == 0xED) high = 0x9F;
    if (i == 1 && first == 0xF0) low = 0x90;
    if (i == 1 && first == 0xF4) high = 0x8F;
    if (byte(i) < low || byte(i) > high) return {i, false, false};
  }
  return {size, true, false};
}

bool IsValidUtf8(absl::string_view text) {
  while (!text.empty()) {
    const Utf8Sequence first = FirstUtf8Sequence(text);
    if (!first.valid) return false;
    text.remove_prefix(first.size);
  }
  return true;
}

}  // namespace eventlog
