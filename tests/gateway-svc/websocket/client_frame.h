// Frames as a client sends them, right or wrong, for tests.

#ifndef TESTS_GATEWAY_SVC_WEBSOCKET_CLIENT_FRAME_H_
#define TESTS_GATEWAY_SVC_WEBSOCKET_CLIENT_FRAME_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace gateway {

// `first` is the frame's first byte: FIN, reserved bits, opcode. The mask's default is the one of RFC 6455's examples.
inline std::string ClientFrame(uint8_t first, absl::string_view payload, uint32_t mask = 0x37FA213D) {
  const char key[4] = {static_cast<char>(mask >> 24), static_cast<char>(mask >> 16), static_cast<char>(mask >> 8),
                       static_cast<char>(mask)};
  std::string frame(1, static_cast<char>(first));
  const size_t size = payload.size();
  int length_bytes = 0;
  if (size < 126) {
    frame += static_cast<char>(0x80 | size);
  } else {
    length_bytes = size <= 0xFFFF ? 2 : 8;
    frame += static_cast<char>(0x80 | (length_bytes == 2 ? 126 : 127));
  }
  for (int i = length_bytes - 1; i >= 0; --i) frame += static_cast<char>(static_cast<uint64_t>(size) >> (8 * i));
  frame.append(key, 4);
  for (size_t i = 0; i < size; ++i) frame += static_cast<char>(payload[i] ^ key[i % 4]);
  return frame;
}

inline std::string ClientClose(uint16_t code, absl::string_view reason) {
  std::string payload = {static_cast<char>(code >> 8), static_cast<char>(code)};
  payload.append(reason.data(), reason.size());
  return ClientFrame(0x88, payload);
}

}  // namespace gateway

#endif  // TESTS_GATEWAY_SVC_WEBSOCKET_CLIENT_FRAME_H_
