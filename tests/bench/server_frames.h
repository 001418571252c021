// The frames that a WebSocket server sends, taken apart as they come: RFC 6455, 5.2, without copying what they carry.

#ifndef TESTS_BENCH_SERVER_FRAMES_H_
#define TESTS_BENCH_SERVER_FRAMES_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace eventlog::bench {

// A part of one frame's payload.
struct FramePiece {
  bool control = false;     // a ping, a pong or a Close frame
  bool compressed = false;  // the message that it belongs to is, by permessage-deflate
  bool ends = false;        // of a control frame: the frame; else the message
  uint8_t opcode = 0;       // of the frame
  char* data = nullptr;
  size_t size = 0;
};

// One connection's. Not thread safe. Believes what the server sends: it is no conformance test.
class ServerFrames {
 public:
  // Calls visit(FramePiece) for what is in the chunk, also for an empty payload.
  template <typename Visit>
  void Read(char* chunk, size_t size, Visit visit) {
    char* const end = chunk + size;
    while (chunk < end) {
      if (!in_payload_) {
        header_[header_bytes_++] = static_cast<uint8_t>(*chunk++);
        if (header_bytes_ < 2 || header_bytes_ < HeaderBytes()) continue;
        TakeHeader();
        if (left_ > 0) continue;
      }
      FramePiece piece;
      piece.opcode = header_[0] & 0x0F;
      piece.control = piece.opcode >= 8;
      piece.data = chunk;
      piece.size = static_cast<size_t>(std::min<uint64_t>(left_, static_cast<uint64_t>(end - chunk)));
      chunk += piece.size;
      left_ -= piece.size;
      in_payload_ = left_ > 0;
      piece.compressed = !piece.control && compressed_;
      piece.ends = !in_payload_ && (piece.control || (header_[0] & 0x80) != 0);
      visit(piece);
    }
  }

 private:
  uint8_t HeaderBytes() const {
    const int length = header_[1] & 0x7F;
    return length == 127 ? 10 : length == 126 ? 4 : 2;
  }
  void TakeHeader() {
    left_ = header_[1] & 0x7F;
    if (header_bytes_ > 2) {
      left_ = 0;
      for (uint8_t i = 2; i < header_bytes_; ++i) left_ = left_ << 8 | header_[i];
    }
    // The bit stands in a message's first frame.
    const uint8_t opcode = header_[0] & 0x0F;
    if (opcode == 1 || opcode == 2) compressed_ = (header_[0] & 0x40) != 0;
    header_bytes_ = 0;
    in_payload_ = true;
  }

  uint8_t header_[10] = {};
  uint8_t header_bytes_ = 0;
  bool in_payload_ = false;
  bool compressed_ = false;
  uint64_t left_ = 0;
};

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_SERVER_FRAMES_H_
