// Compresses whole messages as permessage-deflate (RFC 7692, section 7.2.1) does, without a context between them.
//
// One serves any number of connections whose agreed window is at least its own: a message is compressed once, not for
// each client. Not thread safe; a thread has its own. It holds about 2^(window_bits + 2) + 2^(memory_level + 9) bytes
// for its lifetime (zlib's own figure), 256 KiB by default, and a buffer for the output.

#ifndef GATEWAY_SVC_WEBSOCKET_MESSAGE_DEFLATER_H_
#define GATEWAY_SVC_WEBSOCKET_MESSAGE_DEFLATER_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "gateway-svc/websocket/deflate_extension.h"
#include "gateway-svc/websocket/frame_codec.h"

struct z_stream_s;

namespace gateway {

struct DeflateOptions {
  // zlib's: 1 is the fastest, 9 the smallest.
  int level = 1;
  // At most the agreement's server_window_bits; kWindowBitsMin..kWindowBitsMax.
  int window_bits = kWindowBitsMax;
  // zlib's: 1..9. Each message begins with clearing 2^(memory_level + 8) bytes.
  int memory_level = 8;
};

class MessageDeflater {
 public:
  // Crashes on options out of range, and without memory.
  explicit MessageDeflater(const DeflateOptions& options);
  ~MessageDeflater();
  MessageDeflater(const MessageDeflater&) = delete;
  MessageDeflater& operator=(const MessageDeflater&) = delete;

  // The payload of one compressed message, for a single frame with RSV1. Valid until the next call.
  absl::string_view Deflate(absl::string_view message);

 private:
  std::unique_ptr<z_stream_s> stream_;
  std::string output_;
};

// The frame of a message for clients that agreed: compressed, or plain when compressing does not make it smaller.
std::string EncodeDeflated(MessageDeflater& deflater, Opcode opcode, absl::string_view message);

inline std::string EncodeDeflatedText(MessageDeflater& deflater, absl::string_view message) {
  return EncodeDeflated(deflater, Opcode::kText, message);
}

}  // namespace gateway

#endif  // GATEWAY_SVC_WEBSOCKET_MESSAGE_DEFLATER_H_
