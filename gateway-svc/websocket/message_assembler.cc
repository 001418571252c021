#include "gateway-svc/websocket/message_assembler.h"

namespace gateway {

MessageAssembler::Result MessageAssembler::Fail(const CloseCode& code, const char* text) {
  failed_ = true;
  error_ = {code, text};
  return Result::kError;
}

MessageAssembler::Result MessageAssembler::Add(const FramePiece& piece) {
  if (failed_) return Result::kError;
  return IsControl(piece.opcode) ? AddControl(piece) : AddData(piece);
}

MessageAssembler::Result MessageAssembler::AddControl(const FramePiece& piece) {
  if (piece.first) control_.clear();
  control_.append(piece.payload.data(), piece.payload.size());
  if (!piece.last) return Result::kNone;
  payload_ = &control_;
  if (piece.opcode == Opcode::kPing) return Result::kPing;
  if (piece.opcode == Opcode::kPong) return Result::kPong;
  return FinishClose();
}

MessageAssembler::Result MessageAssembler::FinishClose() {
  if (control_.empty()) {
    close_code_ = 1005;
    return Result::kClose;
  }
  if (control_.size() == 1) return Fail(kCloseProtocolError, "half a close code");
  close_code_ = static_cast<uint16_t>(static_cast<uint8_t>(control_[0]) << 8 | static_cast<uint8_t>(control_[1]));
  if (!IsCloseCodeOnWire(close_code_)) return Fail(kCloseProtocolError, "a close code that may not be sent");
  control_.erase(0, 2);
  Utf8Validator utf8;
  if (!utf8.Add(control_) || !utf8.complete()) return Fail(kCloseInvalidPayload, "a close reason is not UTF-8");
  return Result::kClose;
}

bool MessageAssembler::Begin(const FramePiece& piece) {
  if (message_is_given_) {
    // A message that was large once does not keep its memory.
    std::string().swap(message_);
    message_is_given_ = false;
  }
  if (piece.opcode == Opcode::kContinuation) {
    if (!in_message_) Fail(kCloseProtocolError, "a continuation without a message");
  } else if (in_message_) {
    Fail(kCloseProtocolError, "a new message inside a fragmented one");
  } else {
    in_message_ = true;
    message_is_text_ = piece.opcode == Opcode::kText;
    utf8_.Reset();
  }
  if (!failed_ && piece.frame_length > message_bytes_max_ - message_.size()) {
    Fail(kCloseTooBig, "a message is larger than the limit");
  }
  return !failed_;
}

MessageAssembler::Result MessageAssembler::AddData(const FramePiece& piece) {
  if (piece.first && !Begin(piece)) return Result::kError;
  if (message_is_text_ && !utf8_.Add(piece.payload)) return Fail(kCloseInvalidPayload, "text is not UTF-8");
  message_.append(piece.payload.data(), piece.payload.size());
  if (!piece.last || !piece.fin) return Result::kNone;
  if (message_is_text_ && !utf8_.complete()) return Fail(kCloseInvalidPayload, "text ends inside a character");
  in_message_ = false;
  message_is_given_ = true;
  payload_ = &message_;
  return message_is_text_ ? Result::kText : Result::kBinary;
}

}  // namespace gateway
