// Inflates whole compressed messages of permessage-deflate (RFC 7692, section 7.2.2), within bounds.
//
// Without context takeover no message needs the one before it: one inflater serves all connections of a thread, and a
// connection holds none of its memory, about 56 KiB. Not thread safe.

#ifndef GATEWAY_SVC_WEBSOCKET_MESSAGE_INFLATER_H_
#define GATEWAY_SVC_WEBSOCKET_MESSAGE_INFLATER_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"

struct z_stream_s;

namespace gateway {

struct InflateLimits {
  // A message may inflate to so many times its compressed size. Deflate reaches 1032. 0: there is no bound of it.
  size_t ratio_max = 200;
  // A message up to here is not measured by its ratio: what is small and repeats itself inflates much and harms nobody.
  size_t ratio_free_bytes = 64 * 1024;
};

class MessageInflater {
 public:
  enum class Result {
    kOk,
    kDamaged,  // not deflate data, or cut short
    kTooBig,   // more than bytes_max
    kRatio,    // more than the ratio allows
  };

  // Crashes without memory.
  explicit MessageInflater(const InflateLimits& limits = InflateLimits());
  ~MessageInflater();
  MessageInflater(const MessageInflater&) = delete;
  MessageInflater& operator=(const MessageInflater&) = delete;

  // Replaces `message` with what `payload` inflates to; any window of the client's serves. It stops at the first byte
  // that is too many: neither the memory nor the time of a bomb is spent. Unless kOk, what `message` holds has no
  // meaning.
  Result Inflate(absl::string_view payload, size_t bytes_max, std::string& message);

 private:
  Result Feed(absl::string_view input, size_t bytes_max, std::string& message);

  const InflateLimits limits_;
  std::unique_ptr<z_stream_s> stream_;
  const std::unique_ptr<char[]> chunk_;
  // The data so far ends a stream (BFINAL), and what comes begins another.
  bool stream_ended_ = false;
};

// How large the compressed form of a message of `message_bytes` may be, which can exceed the message where compressing
// fails: what zlib itself counts with, for its smallest memory and worst choice of blocks.
constexpr size_t DeflatedBytesMax(size_t message_bytes) {
  return message_bytes + message_bytes / 8 + message_bytes / 64 + 64;
}

}  // namespace gateway

#endif  // GATEWAY_SVC_WEBSOCKET_MESSAGE_INFLATER_H_
