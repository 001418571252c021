// Builds messages from pieces of frames: fragments, control frames between them, UTF-8, the size limit.
//
// Text is checked as it comes: the first impossible byte is an error, however much of the message is still missing.

#ifndef GATEWAY_SVC_WEBSOCKET_MESSAGE_ASSEMBLER_H_
#define GATEWAY_SVC_WEBSOCKET_MESSAGE_ASSEMBLER_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "gateway-svc/websocket/close_code.h"
#include "gateway-svc/websocket/frame_codec.h"
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

  // A message above `message_bytes_max` is refused when the header that exceeds it is there.
  explicit MessageAssembler(size_t message_bytes_max) : message_bytes_max_(message_bytes_max) {}

  Result Add(const FramePiece& piece);

  // Of the last result; valid until the next Add. May be moved from.
  std::string& payload() { return *payload_; }
  // 1005 when the Close frame had none.
  uint16_t close_code() const { return close_code_; }
  const ProtocolError& error() const { return error_; }

 private:
  Result Fail(const CloseCode& code, const char* text);
  Result AddControl(const FramePiece& piece);
  Result AddData(const FramePiece& piece);
  // Judges the beginning of a data frame.
  bool Begin(const FramePiece& piece);
  Result FinishClose();

  const size_t message_bytes_max_;
  ProtocolError error_;
  bool failed_ = false;

  bool in_message_ = false;
  bool message_is_text_ = false;
  bool message_is_given_ = false;
  std::string message_;
  Utf8Validator utf8_;
  std::string control_;
  uint16_t close_code_ = 0;
  std::string* payload_ = &message_;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_WEBSOCKET_MESSAGE_ASSEMBLER_H_
