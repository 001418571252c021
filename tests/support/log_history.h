// A history of calls on one log, as its clients saw them: what was asked, what came back, and when.

#ifndef TESTS_SUPPORT_LOG_HISTORY_H_
#define TESTS_SUPPORT_LOG_HISTORY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace eventlog {

struct LogOperation {
  enum class Kind { kAppend, kStats, kRead };
  enum class Outcome {
    kOk,
    kMismatch,  // a compare-and-append that was refused with OFFSET_MISMATCH; next_offset is the head that it named
    kUnknown,   // an append that may have happened, or happen later, or never
  };

  Kind kind = Kind::kAppend;
  Outcome outcome = Outcome::kOk;
  int client = 0;
  // Of one clock for all clients; the call happened between the two. Of an unknown outcome `returned` says nothing.
  int64_t called = 0;
  int64_t returned = 0;
  // Appended, or read. No two appends of a history have the same value.
  std::vector<std::string> values;
  // Of an append.
  std::optional<int64_t> expected_next_offset;
  // Append: the first offset that it was given. Read: where it began.
  int64_t offset = 0;
  // Append: behind the last. Read: where the scan goes on. Stats: the head.
  int64_t next_offset = 0;
  // Read: the head was at next_offset.
  bool end_of_log = false;
};

using LogHistory = std::vector<LogOperation>;

// For people: "client 3 [17, 21]: Append(a, b) at offset 5".
std::string Describe(const LogOperation& operation);

// Reads a history that a program in another language wrote: one operation a line, words with a space between,
//   append|stats|read ok|mismatch|unknown CLIENT CALLED RETURNED EXPECTED|- OFFSET NEXT_OFFSET END_OF_LOG(0|1)
//   VALUES...
absl::StatusOr<LogHistory> ParseHistory(absl::string_view text);

}  // namespace eventlog

#endif  // TESTS_SUPPORT_LOG_HISTORY_H_
