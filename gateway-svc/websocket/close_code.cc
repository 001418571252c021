#include "gateway-svc/websocket/close_code.h"

#include "absl/strings/str_cat.h"

namespace gateway {

bool IsCloseCodeOnWire(uint16_t code) {
  if (code >= 3000 && code <= 4999) return true;
  // 1004 has no meaning yet; 1005, 1006 and 1015 say that there was no Close frame.
  return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

std::string CloseReason(absl::string_view text, absl::string_view cursor) {
  const std::string tail = cursor.empty() ? "" : absl::StrCat(" cursor=", cursor);
  if (tail.size() > kCloseReasonBytesMax) return CloseReason(text, "");
  size_t length = kCloseReasonBytesMax - tail.size();
  if (text.size() > length) {
    // Step back to the first byte of the character that would be cut.
    while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) --length;
    text = text.substr(0, length);
  }
  return absl::StrCat(text, tail);
}

}  // namespace gateway
