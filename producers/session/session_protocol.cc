#include "producers/session/session_protocol.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace eventlog {

absl::StatusOr<std::string> EncodeFrame(const google::protobuf::MessageLite& message) {
  const size_t bytes = message.ByteSizeLong();
  if (bytes > kFrameBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("a message of ", bytes, " bytes is too long for sessiond; at most ", kFrameBytesMax));
  }
  std::string frame(kFrameHeaderBytes, '\0');
  for (size_t i = 0; i < kFrameHeaderBytes; ++i) {
    frame[i] = static_cast<char>(bytes >> (8 * (kFrameHeaderBytes - 1 - i)) & 0xff);
  }
  message.AppendToString(&frame);
  return frame;
}

absl::StatusOr<std::optional<std::string>> FrameReader::Next() {
  if (pending_.size() < kFrameHeaderBytes) return std::optional<std::string>();
  size_t bytes = 0;
  for (size_t i = 0; i < kFrameHeaderBytes; ++i) bytes = bytes << 8 | static_cast<unsigned char>(pending_[i]);
  if (bytes == 0 || bytes > kFrameBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("not sessiond's protocol: a message of ", bytes, " bytes; right is 1 to ", kFrameBytesMax));
  }
  if (pending_.size() < kFrameHeaderBytes + bytes) return std::optional<std::string>();
  std::optional<std::string> message = pending_.substr(kFrameHeaderBytes, bytes);
  pending_.erase(0, kFrameHeaderBytes + bytes);
  return message;
}

}  // namespace eventlog
