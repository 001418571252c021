// Writes parts of serialized messages into memory that is there (Protocol Buffers wire format).

#ifndef EVENTLOG_SVC_STORAGE_WIRE_WRITER_H_
#define EVENTLOG_SVC_STORAGE_WIRE_WRITER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace eventlog {

inline constexpr size_t kVarintBytesMax = 10;

inline size_t VarintSize(uint64_t value) {
  size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

// These write at `at`, where there must be room, and give where they ended.
inline char* PutVarint(char* at, uint64_t value) {
  for (; value >= 0x80; value >>= 7) *at++ = static_cast<char>(value | 0x80);
  *at++ = static_cast<char>(value);
  return at;
}

inline char* PutBytes(char* at, absl::string_view bytes) {
  std::memcpy(at, bytes.data(), bytes.size());
  return at + bytes.size();
}

// The content of a field that holds a google.protobuf.Timestamp: its length and its wire form.
class TimestampField {
 public:
  explicit TimestampField(absl::Time time) {
    const int64_t seconds = absl::ToUnixSeconds(time);
    const int64_t nanos = absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds));
    char* at = bytes_.data() + 1;  // the length takes one byte
    if (seconds != 0) {
      *at++ = kSecondsTag;
      at = PutVarint(at, static_cast<uint64_t>(seconds));
    }
    if (nanos != 0) {
      *at++ = kNanosTag;
      at = PutVarint(at, static_cast<uint64_t>(nanos));
    }
    size_ = static_cast<size_t>(at - bytes_.data());
    bytes_[0] = static_cast<char>(size_ - 1);
  }
  absl::string_view view() const { return {bytes_.data(), size_}; }

 private:
  static constexpr char kSecondsTag = 0x08;  // Timestamp.seconds = 1
  static constexpr char kNanosTag = 0x10;    // Timestamp.nanos = 2

  std::array<char, 24> bytes_;
  size_t size_ = 0;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_STORAGE_WIRE_WRITER_H_
