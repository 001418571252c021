// A place in a log as people say it: an offset, a time, or how long ago.

#ifndef PRODUCERS_CLI_LOG_POINT_H_
#define PRODUCERS_CLI_LOG_POINT_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace eventlog {

// Exactly one.
struct LogPoint {
  std::optional<int64_t> offset;
  std::optional<absl::Time> time;
};

// "42", "2026-01-02T03:04:05Z", or "10m", "1h30m", "2d" before `now`. kInvalidArgument names --`flag`.
absl::StatusOr<LogPoint> ParseLogPoint(absl::string_view flag, absl::string_view text, absl::Time now);

google::protobuf::Timestamp ToTimestamp(absl::Time time);

}  // namespace eventlog

#endif  // PRODUCERS_CLI_LOG_POINT_H_
