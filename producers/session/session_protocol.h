// How messages between `session` and `sessiond` are framed on their socket: four bytes of length, the highest first,
// and as many bytes of a protobuf message (proto/session/v1/daemon.proto).
//
// Sans I/O: takes bytes and gives bytes. One thread.

#ifndef PRODUCERS_SESSION_SESSION_PROTOCOL_H_
#define PRODUCERS_SESSION_SESSION_PROTOCOL_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message_lite.h"

namespace eventlog {

inline constexpr int32_t kSessionProtocolVersion = 1;
inline constexpr size_t kFrameHeaderBytes = 4;
// Of a message; a longer one is garbage, or refused before it is sent.
inline constexpr size_t kFrameBytesMax = 1024 * 1024;

// The frame of a message. kInvalidArgument when it is too long.
absl::StatusOr<std::string> EncodeFrame(const google::protobuf::MessageLite& message);

// Cuts a stream of bytes into messages.
class FrameReader {
 public:
  // Keeps the bytes until Next has given them away: a frame at most, and what was fed with its end.
  void Feed(absl::string_view bytes) { pending_.append(bytes.data(), bytes.size()); }
  // The next whole message, or nothing when more bytes are needed. kInvalidArgument, now and for ever, when the length
  // is above the bound or zero, which no message of the protocol has.
  absl::StatusOr<std::optional<std::string>> Next();
  // The stream's end would cut a message.
  bool InFrame() const { return !pending_.empty(); }

 private:
  std::string pending_;
};

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_SESSION_PROTOCOL_H_
