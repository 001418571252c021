// Builds messages from pieces of frames: fragments, control frames between them, inflating, UTF-8, the size limit.
//
// Text is checked as it comes: the first impossible byte is an error, however much of the message is still missing.
// What is compressed is gathered, inflated when it is whole, and checked then. The caller owns the inflater, which
// holds nothing of a message between two calls and so may be shared; an idle assembler holds no memory beyond itself.

#ifndef GATEWAY_SVC_WEBSOCKET_MESSAGE_ASSEMBLER_H_
#define GATEWAY_SVC_WEBSOCKET_MESSAGE_ASSEMBLER_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "gateway-svc/websocket/close_code.h"
#include "gateway-svc/websocket/frame_codec.h"
#include "gateway-svc/websocket/message_inflater.h"
#include "gateway-svc/websocket/utf8_validator.h"

namespace gateway {

class MessageAssembler {
 public:
  enum class Result {
    kNone,    // nothing is whole yet
    kText,    // payload() is a message
    kBinary,  // payload() is a message
    kPing,    // payload() is the ping's
    kPong,    // payload() is the pong's
    kClose,   // close_code() and payload(), which is the reason
    kError,   // see error(); the assembler takes nothing more
  };

  // A message above `message_bytes_max` is refused when the header that exceeds it is there, a compressed one at the
  // first inflated byte that does. `inflater` must outlive the assembler; null: no message is compressed.
  explicit MessageAssembler(size_t message_bytes_max, MessageInflater* inflater = nullptr)
      : message_bytes_max_(message_bytes_max), inflater_(inflater) {}

  Result Add(const FramePiece& piece);

  // Of the last result; valid until the next Add. May be moved from.
  std::string& payload() { return *payload_; }
  // 1005 when the Close frame had none.
  uint16_t close_code() const { return close_code_; }
  const ProtocolError& error() const { return *error_; }

 private:
  // `error` is a constant.
  Result Fail(const ProtocolError& error);
  Result AddControl(const FramePiece& piece);
  Result AddData(const FramePiece& piece);
  // Judges the beginning of a data frame.
  bool Begin(const FramePiece& piece);
  bool Inflate();
  Result FinishClose();

  const size_t message_bytes_max_;
  MessageInflater* const inflater_;
  const ProtocolError* error_ = nullptr;
  std::string message_;
  std::string control_;
  std::string* payload_ = &message_;
  uint16_t close_code_ = 0;
  Utf8Validator utf8_;
  bool in_message_ : 1 = false;
  bool message_is_text_ : 1 = false;
  bool message_is_deflated_ : 1 = false;
  bool message_is_given_ : 1 = false;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_WEBSOCKET_MESSAGE_ASSEMBLER_H_
