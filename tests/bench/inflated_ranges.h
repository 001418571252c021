// What is in a compressed message of events: inflated once, and known again by its bytes for all the other clients that
// get the same message, so that thousands of clients are checked for the price of one.

#ifndef TESTS_BENCH_INFLATED_RANGES_H_
#define TESTS_BENCH_INFLATED_RANGES_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "tests/bench/marker_scanner.h"

namespace eventlog::bench {

// The offsets of a message's events, which follow one another without a hole. None: next_offset is start_offset.
struct OffsetRange {
  int64_t start_offset = 0;
  int64_t next_offset = 0;
};

// Not thread safe.
class InflatedRanges {
 public:
  // `scanner` finds the offsets in the inflated text; outlives this.
  explicit InflatedRanges(const MarkerScanner& scanner) : scanner_(scanner) {}

  // Crashes when the message cannot be inflated by itself, that is without what came before it on the connection, and
  // when its offsets have a hole.
  OffsetRange Find(absl::string_view compressed);

  // The text of a message, behind kRoomBytes that a scanner may use.
  static std::vector<char> Inflate(absl::string_view compressed);

 private:
  const MarkerScanner& scanner_;
  absl::flat_hash_map<std::pair<size_t, size_t>, OffsetRange> known_;  // by size and hash
};

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_INFLATED_RANGES_H_
