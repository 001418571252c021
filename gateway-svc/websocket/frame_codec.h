// Frames of RFC 6455, section 5: a parser of what clients send and an encoder of what servers send.
//
// The parser takes bytes in pieces of any size and hands out payload as it comes, unmasked in the caller's own buffer:
// it holds at most one frame header. It checks everything that one frame can get wrong; what a sequence of frames can
// get wrong is MessageAssembler's. RSV1 marks a message that is compressed (RFC 7692, section 6): it may be set on the
// first frame of a data message, and only where that was agreed. The other reserved bits must be clear.

#ifndef GATEWAY_SVC_WEBSOCKET_FRAME_CODEC_H_
#define GATEWAY_SVC_WEBSOCKET_FRAME_CODEC_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "gateway-svc/websocket/close_code.h"

namespace gateway {

enum class Opcode : uint8_t {
  kContinuation = 0x0,
  kText = 0x1,
  kBinary = 0x2,
  kClose = 0x8,
  kPing = 0x9,
  kPong = 0xA,
};

inline bool IsControl(Opcode opcode) { return static_cast<uint8_t>(opcode) >= 0x8; }

// How a message's payload is written: as it is, or compressed as permessage-deflate says, which RSV1 tells.
enum class PayloadForm : uint8_t { kPlain, kDeflated };

// What a peer did wrong: the code to close with, and the words. Its instances are constants.
struct ProtocolError {
  CloseCode code;
  const char* text = "";
};

// A part of a frame, or the whole.
struct FramePiece {
  Opcode opcode = Opcode::kContinuation;
  bool fin = false;
  bool first = false;         // the frame begins with this piece
  bool last = false;          // the frame ends with this piece
  bool deflated = false;      // RSV1: the message that this frame begins is compressed
  uint64_t frame_length = 0;  // of the whole frame's payload
  absl::string_view payload;  // points into the input of Next
};

class FrameParser {
 public:
  enum class Result {
    kPiece,     // `piece` is filled; call again with the rest
    kNeedMore,  // the input is used up
    kError,     // see error(); the parser takes nothing more
  };

  // A frame with a payload above `frame_bytes_max`, as it is on the wire, is refused when its header is there. With
  // `form` kDeflated permessage-deflate was agreed, and a message may be compressed.
  explicit FrameParser(uint64_t frame_bytes_max, PayloadForm form = PayloadForm::kPlain)
      : frame_bytes_max_(frame_bytes_max), deflate_agreed_(form == PayloadForm::kDeflated) {}

  // Takes what it can from the front of `input`, which it shortens, and unmasks in place.
  Result Next(absl::Span<char>& input, FramePiece& piece);

  // Valid after kError.
  const ProtocolError& error() const { return *error_; }

 private:
  // Two bytes, eight of length, four of mask.
  static constexpr size_t kHeaderBytesMax = 14;

  // `error` is a constant.
  Result Fail(const ProtocolError& error);
  // How many bytes the header has, as far as its first two bytes tell.
  size_t HeaderSize() const;
  bool CheckFirstByte();
  bool CheckSecondByte();
  bool ReadLength();
  Result TakeHeader(absl::Span<char>& input);

  const uint64_t frame_bytes_max_;
  const ProtocolError* error_ = nullptr;
  uint64_t length_ = 0;
  uint64_t taken_ = 0;  // payload bytes handed out

  std::array<uint8_t, kHeaderBytesMax> header_;
  uint8_t header_size_ = 0;  // bytes of it that are there
  const bool deflate_agreed_ : 1;
  bool in_payload_ : 1 = false;   // the header is whole
  bool piece_given_ : 1 = false;  // of this frame
};

inline constexpr size_t kServerHeaderBytesMax = 10;

// Writes the header of a server's frame of `payload_length` bytes to `out`; returns its size. A deflated form belongs
// to the first frame of a data message alone.
size_t EncodeFrameHeader(Opcode opcode, bool fin, uint64_t payload_length, char out[kServerHeaderBytesMax],
                         PayloadForm form = PayloadForm::kPlain);

// A whole, final server frame. `payload` is in the form that is named.
std::string EncodeFrame(Opcode opcode, absl::string_view payload, PayloadForm form = PayloadForm::kPlain);

// A Close frame. `reason` is at most kCloseReasonBytesMax bytes; longer ones are cut.
std::string EncodeClose(uint16_t code, absl::string_view reason);

}  // namespace gateway

#endif  // GATEWAY_SVC_WEBSOCKET_FRAME_CODEC_H_
