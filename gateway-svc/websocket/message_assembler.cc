#include "gateway-svc/websocket/message_assembler.h"

#include "glog/logging.h"

namespace gateway {
namespace {

constexpr ProtocolError kHalfCloseCode{kCloseProtocolError, "half a close code"};
constexpr ProtocolError kCloseCodeNotOnWire{kCloseProtocolError, "a close code that may not be sent"};
constexpr ProtocolError kReasonNotUtf8{kCloseInvalidPayload, "a close reason is not UTF-8"};
constexpr ProtocolError kStrayContinuation{kCloseProtocolError, "a continuation without a message"};
constexpr ProtocolError kMessageInMessage{kCloseProtocolError, "a new message inside a fragmented one"};
constexpr ProtocolError kMessageTooBig{kCloseTooBig, "a message is larger than the limit"};
constexpr ProtocolError kInflatesTooMuch{kCloseInflateRatio, "a message inflates to too many times its size"};
constexpr ProtocolError kDamagedDeflate{kCloseInvalidPayload, "a message is not deflate data"};
constexpr ProtocolError kTextNotUtf8{kCloseInvalidPayload, "text is not UTF-8"};
constexpr ProtocolError kTextCutShort{kCloseInvalidPayload, "text ends inside a character"};

void Release(std::string& text) { std::string().swap(text); }

}  // namespace

MessageAssembler::Result MessageAssembler::Fail(const ProtocolError& error) {
  error_ = &error;
  Release(message_);
  return Result::kError;
}

MessageAssembler::Result MessageAssembler::Add(const FramePiece& piece) {
  if (error_ != nullptr) return Result::kError;
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
  if (control_.size() == 1) return Fail(kHalfCloseCode);
  close_code_ = static_cast<uint16_t>(static_cast<uint8_t>(control_[0]) << 8 | static_cast<uint8_t>(control_[1]));
  if (!IsCloseCodeOnWire(close_code_)) return Fail(kCloseCodeNotOnWire);
  control_.erase(0, 2);
  Utf8Validator utf8;
  if (!utf8.Add(control_) || !utf8.complete()) return Fail(kReasonNotUtf8);
  return Result::kClose;
}

bool MessageAssembler::Begin(const FramePiece& piece) {
  if (message_is_given_) {
    // A message that was large once does not keep its memory.
    Release(message_);
    message_is_given_ = false;
  }
  if (piece.opcode == Opcode::kContinuation) {
    if (!in_message_) Fail(kStrayContinuation);
  } else if (in_message_) {
    Fail(kMessageInMessage);
  } else {
    in_message_ = true;
    message_is_text_ = piece.opcode == Opcode::kText;
    message_is_deflated_ = piece.deflated;
    CHECK(!piece.deflated || inflater_ != nullptr) << "the parser lets RSV1 pass only where it was agreed";
    utf8_.Reset();
  }
  const size_t bytes_max = message_is_deflated_ ? DeflatedBytesMax(message_bytes_max_) : message_bytes_max_;
  if (error_ == nullptr && piece.frame_length > bytes_max - message_.size()) Fail(kMessageTooBig);
  return error_ == nullptr;
}

bool MessageAssembler::Inflate() {
  std::string message;
  switch (inflater_->Inflate(message_, message_bytes_max_, message)) {
    case MessageInflater::Result::kOk:
      break;
    case MessageInflater::Result::kDamaged:
      Fail(kDamagedDeflate);
      break;
    case MessageInflater::Result::kTooBig:
      Fail(kMessageTooBig);
      break;
    case MessageInflater::Result::kRatio:
      Fail(kInflatesTooMuch);
      break;
  }
  if (error_ == nullptr) message_.swap(message);
  return error_ == nullptr;
}

MessageAssembler::Result MessageAssembler::AddData(const FramePiece& piece) {
  if (piece.first && !Begin(piece)) return Result::kError;
  const bool check_now = message_is_text_ && !message_is_deflated_;
  if (check_now && !utf8_.Add(piece.payload)) return Fail(kTextNotUtf8);
  message_.append(piece.payload.data(), piece.payload.size());
  if (!piece.last || !piece.fin) return Result::kNone;
  if (message_is_deflated_) {
    if (!Inflate()) return Result::kError;
    if (message_is_text_ && !utf8_.Add(message_)) return Fail(kTextNotUtf8);
  }
  if (message_is_text_ && !utf8_.complete()) return Fail(kTextCutShort);
  in_message_ = false;
  message_is_given_ = true;
  payload_ = &message_;
  return message_is_text_ ? Result::kText : Result::kBinary;
}

}  // namespace gateway
