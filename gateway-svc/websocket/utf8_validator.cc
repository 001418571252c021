#include "gateway-svc/websocket/utf8_validator.h"

#include <cstddef>
#include <cstring>

namespace gateway {

// The second byte's range keeps out overlong forms, surrogates and code points above U+10FFFF (Unicode, table 3-7).
bool Utf8Validator::Start(uint8_t lead) {
  low_ = 0x80;
  high_ = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    missing_ = 1;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    missing_ = 2;
    if (lead == 0xE0) low_ = 0xA0;
    if (lead == 0xED) high_ = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    missing_ = 3;
    if (lead == 0xF0) low_ = 0x90;
    if (lead == 0xF4) high_ = 0x8F;
  } else {
    return false;
  }
  return true;
}

bool Utf8Validator::Add(absl::string_view bytes) {
  if (failed_) return false;
  for (size_t i = 0; i < bytes.size();) {
    // Most text is ASCII: eight bytes at once.
    uint64_t word;
    if (missing_ == 0 && bytes.size() - i >= sizeof(word)) {
      std::memcpy(&word, bytes.data() + i, sizeof(word));
      if ((word & 0x8080808080808080ULL) == 0) {
        i += sizeof(word);
        continue;
      }
    }
    const auto byte = static_cast<uint8_t>(bytes[i++]);
    if (missing_ > 0) {
      if (byte < low_ || byte > high_) return !(failed_ = true);
      --missing_;
      low_ = 0x80;
      high_ = 0xBF;
    } else if (byte >= 0x80 && !Start(byte)) {
      return !(failed_ = true);
    }
  }
  return true;
}

}  // namespace gateway
