#include "gateway-svc/websocket/frame_codec.h"

#include <algorithm>
#include <cstring>

namespace gateway {
namespace {

constexpr uint8_t kFin = 0x80;
constexpr uint8_t kReserved1 = 0x40;
constexpr uint8_t kReserved23 = 0x30;
constexpr uint8_t kMasked = 0x80;
constexpr uint8_t kLength16 = 126;
constexpr uint8_t kLength64 = 127;

constexpr ProtocolError kReservedBits{kCloseProtocolError, "reserved bits are set, but no extension is in use"};
constexpr ProtocolError kReserved1Misplaced{kCloseProtocolError,
                                            "RSV1 is set elsewhere than on the first frame of a message"};
constexpr ProtocolError kReservedOpcode{kCloseProtocolError, "reserved opcode"};
constexpr ProtocolError kFragmentedControl{kCloseProtocolError, "a control frame is fragmented"};
constexpr ProtocolError kUnmasked{kCloseProtocolError, "a client's frame is not masked"};
constexpr ProtocolError kLongControl{kCloseProtocolError, "a control frame is longer than 125 bytes"};
constexpr ProtocolError kLengthNotShortest{kCloseProtocolError, "a length is not in its shortest form"};
constexpr ProtocolError kLengthHighestBit{kCloseProtocolError, "a length has its highest bit set"};
constexpr ProtocolError kFrameTooBig{kCloseTooBig, "a frame is larger than the limit"};

// `phase` is the place of data[0] in the payload: the mask repeats every four bytes.
void Unmask(char* data, size_t size, const uint8_t mask[4], uint64_t phase) {
  uint8_t turned[8];
  for (size_t i = 0; i < 8; ++i) turned[i] = mask[(phase + i) & 3];
  uint64_t wide;
  std::memcpy(&wide, turned, sizeof(wide));
  size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    uint64_t word;
    std::memcpy(&word, data + i, sizeof(word));
    word ^= wide;
    std::memcpy(data + i, &word, sizeof(word));
  }
  for (; i < size; ++i) data[i] = static_cast<char>(static_cast<uint8_t>(data[i]) ^ turned[i & 7]);
}

uint64_t BigEndian(const uint8_t* bytes, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i) value = value << 8 | bytes[i];
  return value;
}

}  // namespace

FrameParser::Result FrameParser::Fail(const ProtocolError& error) {
  error_ = &error;
  return Result::kError;
}

size_t FrameParser::HeaderSize() const {
  if (header_size_ < 2) return 2;
  const uint8_t length = header_[1] & ~kMasked;
  return 2 + (length == kLength64 ? 8 : length == kLength16 ? 2 : 0) + 4;
}

bool FrameParser::CheckFirstByte() {
  const uint8_t byte = header_[0];
  const uint8_t opcode = byte & 0x0F;
  if ((byte & kReserved23) != 0 || ((byte & kReserved1) != 0 && !deflate_agreed_)) {
    Fail(kReservedBits);
  } else if ((opcode > 0x2 && opcode < 0x8) || opcode > 0xA) {
    Fail(kReservedOpcode);
  } else if ((byte & kReserved1) != 0 && (opcode == 0x0 || opcode >= 0x8)) {
    Fail(kReserved1Misplaced);
  } else if (opcode >= 0x8 && (byte & kFin) == 0) {
    Fail(kFragmentedControl);
  }
  return error_ == nullptr;
}

bool FrameParser::CheckSecondByte() {
  if ((header_[1] & kMasked) == 0) {
    Fail(kUnmasked);
  } else if ((header_[0] & 0x0F) >= 0x8 && (header_[1] & ~kMasked) > 125) {
    Fail(kLongControl);
  }
  return error_ == nullptr;
}

bool FrameParser::ReadLength() {
  const uint8_t length = header_[1] & ~kMasked;
  length_ = length;
  if (length == kLength16) {
    length_ = BigEndian(&header_[2], 2);
    if (length_ < kLength16) Fail(kLengthNotShortest);
  } else if (length == kLength64) {
    length_ = BigEndian(&header_[2], 8);
    if (length_ > 0x7FFFFFFFFFFFFFFFULL) {
      Fail(kLengthHighestBit);
    } else if (length_ <= 0xFFFF) {
      Fail(kLengthNotShortest);
    }
  }
  if (error_ == nullptr && length_ > frame_bytes_max_) Fail(kFrameTooBig);
  return error_ == nullptr;
}

FrameParser::Result FrameParser::TakeHeader(absl::Span<char>& input) {
  while (header_size_ < HeaderSize()) {
    if (input.empty()) return Result::kNeedMore;
    header_[header_size_++] = static_cast<uint8_t>(input.front());
    input.remove_prefix(1);
    // Each byte is judged when it comes, so that a bad frame is answered without waiting for the rest of it.
    if (header_size_ == 1 && !CheckFirstByte()) return Result::kError;
    if (header_size_ == 2 && !CheckSecondByte()) return Result::kError;
  }
  if (!ReadLength()) return Result::kError;
  in_payload_ = true;
  return Result::kPiece;
}

FrameParser::Result FrameParser::Next(absl::Span<char>& input, FramePiece& piece) {
  if (error_ != nullptr) return Result::kError;
  if (!in_payload_) {
    const Result result = TakeHeader(input);
    if (result != Result::kPiece) return result;
  }
  // The first piece comes with the header, be it empty: whether the message may be so large is judged by it.
  if (length_ > taken_ && input.empty() && piece_given_) return Result::kNeedMore;
  const size_t size = std::min<uint64_t>(length_ - taken_, input.size());
  Unmask(input.data(), size, &header_[HeaderSize() - 4], taken_);
  piece.opcode = static_cast<Opcode>(header_[0] & 0x0F);
  piece.fin = (header_[0] & kFin) != 0;
  piece.first = !piece_given_;
  piece.deflated = (header_[0] & kReserved1) != 0;
  piece.frame_length = length_;
  piece.payload = absl::string_view(input.data(), size);
  input.remove_prefix(size);
  taken_ += size;
  piece.last = taken_ == length_;
  piece_given_ = true;
  if (piece.last) {
    header_size_ = 0;
    in_payload_ = false;
    piece_given_ = false;
    taken_ = 0;
  }
  return Result::kPiece;
}

size_t EncodeFrameHeader(Opcode opcode, bool fin, uint64_t payload_length, char out[kServerHeaderBytesMax],
                         PayloadForm form) {
  const uint8_t reserved = form == PayloadForm::kDeflated ? kReserved1 : 0;
  out[0] = static_cast<char>((fin ? kFin : 0) | reserved | static_cast<uint8_t>(opcode));
  size_t length_bytes = 0;
  if (payload_length < kLength16) {
    out[1] = static_cast<char>(payload_length);
  } else if (payload_length <= 0xFFFF) {
    out[1] = static_cast<char>(kLength16);
    length_bytes = 2;
  } else {
    out[1] = static_cast<char>(kLength64);
    length_bytes = 8;
  }
  for (size_t i = 0; i < length_bytes; ++i) {
    out[2 + i] = static_cast<char>(payload_length >> (8 * (length_bytes - 1 - i)) & 0xFF);
  }
  return 2 + length_bytes;
}

std::string EncodeFrame(Opcode opcode, absl::string_view payload, PayloadForm form) {
  char header[kServerHeaderBytesMax];
  const size_t header_size = EncodeFrameHeader(opcode, /*fin=*/true, payload.size(), header, form);
  std::string frame;
  frame.reserve(header_size + payload.size());
  frame.append(header, header_size);
  frame.append(payload.data(), payload.size());
  return frame;
}

std::string EncodeClose(uint16_t code, absl::string_view reason) {
  std::string payload = {static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
  payload += CloseReason(reason, "");
  return EncodeFrame(Opcode::kClose, payload);
}

}  // namespace gateway
