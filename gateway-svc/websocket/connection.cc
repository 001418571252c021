#include "gateway-svc/websocket/connection.h"

#include <utility>

namespace gateway {

Connection::Connection(const ConnectionLimits& limits, ConnectionEvents& events, MessageInflater* inflater)
    : events_(events),
      parser_(limits.frame_bytes_max, inflater == nullptr ? PayloadForm::kPlain : PayloadForm::kDeflated),
      assembler_(limits.message_bytes_max, inflater) {}

void Connection::Receive(absl::Span<char> bytes) {
  FramePiece piece;
  // What comes behind a Close or an error is not looked at (RFC 6455, sections 1.4 and 7.1.7).
  while (!close_received_ && failure_ == nullptr) {
    switch (parser_.Next(bytes, piece)) {
      case FrameParser::Result::kNeedMore:
        return;
      case FrameParser::Result::kError:
        return Fail(parser_.error());
      case FrameParser::Result::kPiece:
        Handle(assembler_.Add(piece));
    }
  }
}

void Connection::Handle(MessageAssembler::Result result) {
  switch (result) {
    case MessageAssembler::Result::kNone:
      return;
    case MessageAssembler::Result::kText:
    case MessageAssembler::Result::kBinary:
      if (!close_sent_) events_.OnMessage(result == MessageAssembler::Result::kText, std::move(assembler_.payload()));
      return;
    case MessageAssembler::Result::kPing:
    case MessageAssembler::Result::kPong: {
      // Moved, so that nothing of it stays behind.
      const std::string payload = std::move(assembler_.payload());
      if (result == MessageAssembler::Result::kPong) return events_.OnPong(payload);
      if (!close_sent_) events_.OnControlFrame(EncodeFrame(Opcode::kPong, payload));
      return;
    }
    case MessageAssembler::Result::kClose:
      close_received_ = true;
      close_code_ = assembler_.close_code();
      if (close_sent_) return;
      if (close_code_ != 1005) return Close(close_code_, assembler_.payload());
      close_sent_ = true;
      return events_.OnControlFrame(EncodeFrame(Opcode::kClose, ""));
    case MessageAssembler::Result::kError:
      return Fail(assembler_.error());
  }
}

void Connection::Fail(const ProtocolError& error) {
  failure_ = &error;
  close_code_ = error.code.code;
  Close(error.code.code, error.text);
}

void Connection::Close(uint16_t code, absl::string_view reason) {
  if (close_sent_) return;
  close_sent_ = true;
  events_.OnControlFrame(EncodeClose(code, reason));
}

}  // namespace gateway
