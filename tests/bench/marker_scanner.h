// Finds the numbers that stand behind a marker in a stream of bytes, wherever the pieces are cut in which it comes.

#ifndef TESTS_BENCH_MARKER_SCANNER_H_
#define TESTS_BENCH_MARKER_SCANNER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "absl/strings/string_view.h"

namespace eventlog::bench {

// Immutable, so thread safe. What one stream leaves for its next piece is in its Rest.
class MarkerScanner {
 public:
  // The memory in front of each piece that a scan may write to, in bytes.
  static constexpr size_t kRoomBytes = 64;

  // The end of a piece, where a marker or its number is cut.
  struct Rest {
    uint8_t size = 0;
    char bytes[kRoomBytes];
  };

  // Two markers begin at least `distance_min` bytes apart: so many are jumped over. A marker and 20 digits are at most
  // kRoomBytes.
  MarkerScanner(absl::string_view marker, size_t distance_min) : marker_(marker), distance_min_(distance_min) {}

  // Calls found(number) for each number that is complete: a byte that is no digit has followed it.
  template <typename Found>
  void Scan(Rest& rest, char* piece, size_t size, Found found) const {
    const char* const end = piece + size;
    const char* at = piece - rest.size;
    std::memcpy(piece - rest.size, rest.bytes, rest.size);
    rest.size = 0;
    while (true) {
      const char* const hit = Find(at, end);
      if (hit == nullptr) return Keep(rest, end - std::min<size_t>(end - at, marker_.size() - 1), end);
      const char* digit = hit + marker_.size();
      int64_t number = 0;
      for (; digit < end && *digit >= '0' && *digit <= '9'; ++digit) number = number * 10 + (*digit - '0');
      if (digit == end) return Keep(rest, hit, end);
      found(number);
      at = std::min(end, std::max<const char*>(digit, hit + distance_min_));
    }
  }

 private:
  // Looks at the likely places first: a search has to prepare itself.
  const char* Find(const char* at, const char* end) const {
    for (int tries = 0; tries < 4; ++tries) {
      if (end - at < static_cast<std::ptrdiff_t>(marker_.size())) return nullptr;
      at = static_cast<const char*>(std::memchr(at, marker_[0], end - at));
      if (at == nullptr || end - at < static_cast<std::ptrdiff_t>(marker_.size())) return nullptr;
      if (std::memcmp(at, marker_.data(), marker_.size()) == 0) return at;
      ++at;
    }
    return static_cast<const char*>(memmem(at, end - at, marker_.data(), marker_.size()));
  }
  static void Keep(Rest& rest, const char* from, const char* end) {
    rest.size = static_cast<uint8_t>(std::min<size_t>(end - from, kRoomBytes));
    std::memcpy(rest.bytes, end - rest.size, rest.size);
  }

  const std::string marker_;
  const size_t distance_min_;
};

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_MARKER_SCANNER_H_
