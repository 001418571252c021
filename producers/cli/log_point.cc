#include "producers/cli/log_point.h"

#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace eventlog {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

// absl::ParseDuration and days, which it does not know.
bool ParseAgo(absl::string_view text, absl::Duration& ago) {
  int64_t days = 0;
  absl::string_view rest = text;
  if (absl::ConsumeSuffix(&rest, "d") && absl::SimpleAtoi(rest, &days)) {
    ago = days * kDay;
  } else if (!absl::ParseDuration(text, &ago)) {
    return false;
  }
  return ago >= absl::ZeroDuration() && ago < absl::InfiniteDuration();
}

}  // namespace

absl::StatusOr<LogPoint> ParseLogPoint(absl::string_view flag, absl::string_view text, absl::Time now) {
  LogPoint point;
  int64_t offset = 0;
  absl::Time time;
  absl::Duration ago;
  std::string error;
  if (absl::SimpleAtoi(text, &offset)) {
    if (offset >= 0) point.offset = offset;
  } else if (absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    if (time != absl::InfiniteFuture() && time != absl::InfinitePast()) point.time = time;
  } else if (ParseAgo(text, ago)) {
    point.time = now - ago;
  }
  if (point.offset.has_value() || point.time.has_value()) return point;
  return absl::InvalidArgumentError(
      absl::StrCat("--", flag, "=", text,
                   ": right is a time as 2026-01-02T03:04:05Z, how long ago as 10m, 1h30m or 2d, or an offset"));
}

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  const int64_t seconds = absl::ToUnixSeconds(time);
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return timestamp;
}

}  // namespace eventlog
