#include "eventlog-svc/storage/segment_name.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "eventlog-svc/storage/segment_format.h"

namespace eventlog {
namespace {

constexpr size_t kDigits = 20;

}  // namespace

std::string SegmentFileName(int64_t base_offset, absl::string_view suffix) {
  return absl::StrFormat("%0*d%s", static_cast<int>(kDigits), base_offset, suffix);
}

std::optional<int64_t> ParseSegmentFileName(absl::string_view name, absl::string_view suffix) {
  int64_t base_offset = 0;
  if (!absl::ConsumeSuffix(&name, suffix) || name.size() != kDigits) return std::nullopt;
  for (const char c : name) {
    if (c < '0' || c > '9') return std::nullopt;
  }
  if (!absl::SimpleAtoi(name, &base_offset) || base_offset > kOffsetMax) return std::nullopt;
  return base_offset;
}

std::string TornTailFileName(int64_t base_offset, int64_t position, int repeat) {
  const std::string again = repeat > 0 ? absl::StrCat("-", repeat) : "";
  return SegmentFileName(base_offset, absl::StrCat(".torn-", position, again));
}

}  // namespace eventlog
