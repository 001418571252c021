// Walks the fields of a serialized message without building anything from it (Protocol Buffers wire format).

#ifndef EVENTLOG_SVC_ENGINE_WIRE_READER_H_
#define EVENTLOG_SVC_ENGINE_WIRE_READER_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace eventlog {

// Not thread safe. The bytes must outlive it.
class WireReader {
 public:
  explicit WireReader(absl::string_view bytes) : rest_(bytes) {}

  // Moves to the next field. False at the end and at bytes that are not a field: then ok() tells which.
  bool Next();
  bool ok() const { return ok_; }

  uint32_t field() const { return field_; }
  bool is_bytes() const { return is_bytes_; }
  // The field's content, when is_bytes().
  absl::string_view bytes() const { return bytes_; }

 private:
  bool Fail();

  absl::string_view rest_;
  bool ok_ = true;
  uint32_t field_ = 0;
  bool is_bytes_ = false;
  absl::string_view bytes_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_ENGINE_WIRE_READER_H_
