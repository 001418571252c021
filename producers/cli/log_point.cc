#include "producers/cli/log_point.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "producers/cli/human_units.h"

namespace eventlog {
absl::StatusOr<LogPoint> ParseLogPoint(absl::string_view flag, absl::string_view text, absl::Time now) {
  LogPoint point;
  int64_t offset = 0;
  if (absl::SimpleAtoi(text, &offset)) {
    if (offset >= 0) point.offset = offset;
  } else if (const absl::StatusOr<absl::Time> time = ParseTimeOrAge(text, now); time.ok()) {
    point.time = *time;
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
