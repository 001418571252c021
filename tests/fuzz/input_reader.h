// Reads a fuzzer's input as a script: small numbers and runs of bytes, one after the other.
//
// Whatever the input, each call gives something: zeros and empty runs behind its end. A small change of the input is a
// small change of the script, which is what makes mutations find new behaviour.

#ifndef TESTS_FUZZ_INPUT_READER_H_
#define TESTS_FUZZ_INPUT_READER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/strings/string_view.h"

namespace eventlog {

// Not thread safe. The input must outlive it.
class InputReader {
 public:
  InputReader(const uint8_t* data, size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  bool empty() const { return rest_.empty(); }
  absl::string_view rest() const { return rest_; }

  uint8_t U8() { return Number<uint8_t>(); }
  uint16_t U16() { return Number<uint16_t>(); }
  // Little endian.
  uint32_t U32() { return Number<uint32_t>(); }
  int64_t I64() { return Number<int64_t>(); }
  // A small number or any: numbers that matter are near zero or near the limits.
  int64_t Offset() {
    const uint8_t kind = U8();
    return kind < 0xF0 ? kind : I64();
  }
  // At most `size` bytes.
  absl::string_view Bytes(size_t size) {
    const absl::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(bytes.size());
    return bytes;
  }
  // A run with its length before it.
  absl::string_view Run() { return Bytes(U16()); }

 private:
  template <typename T>
  T Number() {
    T value = 0;
    const absl::string_view bytes = Bytes(sizeof(value));
    if (!bytes.empty()) std::memcpy(&value, bytes.data(), bytes.size());
    return value;
  }

  absl::string_view rest_;
};

}  // namespace eventlog

#endif  // TESTS_FUZZ_INPUT_READER_H_
