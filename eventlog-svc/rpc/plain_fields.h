// Walks the fields of a serialized message as protobuf itself writes them (Protocol Buffers wire format): faster than
// WireReader, and it refuses what it need not know.

#ifndef EVENTLOG_SVC_RPC_PLAIN_FIELDS_H_
#define EVENTLOG_SVC_RPC_PLAIN_FIELDS_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "google/protobuf/stubs/common.h"

namespace eventlog {

// As protobuf's own parser sees it.
inline bool IsUtf8(absl::string_view text) {
  return google::protobuf::internal::IsStructurallyValidUTF8(text.data(), static_cast<int>(text.size()));
}

// Fields 1 to 15, which are numbers (varint) or bytes (length delimited), each number as short as can be. Not thread
// safe. The bytes must outlive it.
class PlainFields {
 public:
  explicit PlainFields(absl::string_view message) : at_(message.data()), end_(at_ + message.size()) {}

  // Moves to the next field. False at the end and at what is not such a field: then ok() tells which.
  bool Next() {
    if (at_ == end_) return false;
    begin_ = at_;
    const auto tag = static_cast<uint8_t>(*at_++);
    field_ = tag >> 3;
    is_bytes_ = (tag & 7) == kLengthDelimited;
    if (field_ == 0 || tag >= 0x80 || !(is_bytes_ || (tag & 7) == kVarint) || !ReadVarint()) return Fail();
    if (!is_bytes_) return true;
    if (number_ > static_cast<uint64_t>(end_ - at_)) return Fail();
    bytes_ = absl::string_view(at_, number_);
    at_ += number_;
    return true;
  }
  bool ok() const { return ok_; }

  uint32_t field() const { return field_; }
  bool is_bytes() const { return is_bytes_; }
  // The field's content: when it is_bytes(), and when it is not.
  absl::string_view bytes() const { return bytes_; }
  uint64_t number() const { return number_; }
  // The whole field, its tag included.
  absl::string_view field_bytes() const { return {begin_, static_cast<size_t>(at_ - begin_)}; }

 private:
  static constexpr uint8_t kVarint = 0;
  static constexpr uint8_t kLengthDelimited = 2;

  bool ReadVarint() {
    number_ = 0;
    for (int shift = 0; shift < 64 && at_ != end_; shift += 7) {
      const auto byte = static_cast<uint8_t>(*at_++);
      number_ |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return (byte != 0 || shift == 0) && (shift < 63 || byte == 1);
    }
    return false;
  }
  bool Fail() {
    ok_ = false;
    at_ = end_;
    return false;
  }

  const char* at_;
  const char* const end_;
  const char* begin_ = nullptr;
  bool ok_ = true;
  uint32_t field_ = 0;
  bool is_bytes_ = false;
  uint64_t number_ = 0;
  absl::string_view bytes_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_PLAIN_FIELDS_H_
