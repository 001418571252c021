#include "tests/support/log_history.h"

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace eventlog {
namespace {

constexpr size_t kWordsMin = 9;

bool ParseOperation(absl::string_view line, LogOperation& operation) {
  const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
  if (words.size() < kWordsMin) return false;
  using Kind = LogOperation::Kind;
  using Outcome = LogOperation::Outcome;
  if (words[0] != "append" && words[0] != "stats" && words[0] != "read") return false;
  operation.kind = words[0] == "append" ? Kind::kAppend : words[0] == "stats" ? Kind::kStats : Kind::kRead;
  if (words[1] != "ok" && words[1] != "mismatch" && words[1] != "unknown") return false;
  operation.outcome = words[1] == "ok" ? Outcome::kOk : words[1] == "mismatch" ? Outcome::kMismatch : Outcome::kUnknown;
  int64_t expected = 0;
  if (words[5] != "-") {
    if (!absl::SimpleAtoi(words[5], &expected)) return false;
    operation.expected_next_offset = expected;
  }
  operation.end_of_log = words[8] == "1";
  for (size_t i = kWordsMin; i < words.size(); ++i) operation.values.emplace_back(words[i]);
  return absl::SimpleAtoi(words[2], &operation.client) && absl::SimpleAtoi(words[3], &operation.called) &&
         absl::SimpleAtoi(words[4], &operation.returned) && absl::SimpleAtoi(words[6], &operation.offset) &&
         absl::SimpleAtoi(words[7], &operation.next_offset) && (words[8] == "0" || words[8] == "1");
}

std::string DescribeCall(const LogOperation& operation) {
  const std::string values = absl::StrJoin(operation.values, ", ");
  switch (operation.kind) {
    case LogOperation::Kind::kStats:
      return absl::StrCat("GetLogStats, head ", operation.next_offset);
    case LogOperation::Kind::kRead:
      return absl::StrCat("Read from ", operation.offset, " to ", operation.next_offset,
                          operation.end_of_log ? ", the end of the log: (" : ": (", values, ")");
    case LogOperation::Kind::kAppend:
      break;
  }
  const std::string expected = operation.expected_next_offset.has_value()
                                   ? absl::StrCat(" if the head is ", *operation.expected_next_offset)
                                   : "";
  const std::string outcome = operation.outcome == LogOperation::Outcome::kOk
                                  ? absl::StrCat("at offset ", operation.offset)
                              : operation.outcome == LogOperation::Outcome::kUnknown
                                  ? "of unknown outcome"
                                  : absl::StrCat("refused, the head was ", operation.next_offset);
  return absl::StrCat("Append(", values, ")", expected, ", ", outcome);
}

}  // namespace

std::string Describe(const LogOperation& operation) {
  const std::string returned =
      operation.outcome == LogOperation::Outcome::kUnknown ? "?" : absl::StrCat(operation.returned);
  return absl::StrCat("client ", operation.client, " [", operation.called, ", ", returned,
                      "]: ", DescribeCall(operation));
}

absl::StatusOr<LogHistory> ParseHistory(absl::string_view text) {
  LogHistory history;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    if (!ParseOperation(line, history.emplace_back())) {
      return absl::InvalidArgumentError(absl::StrCat("no operation: ", line));
    }
  }
  return history;
}

}  // namespace eventlog
