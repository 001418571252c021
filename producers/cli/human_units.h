// Durations, sizes and times as people write them in flags and read them in tables.
//
// All functions are pure. Errors are kInvalidArgument and say what is wrong and what is right; the caller puts the name
// of the flag in front.

#ifndef PRODUCERS_CLI_HUMAN_UNITS_H_
#define PRODUCERS_CLI_HUMAN_UNITS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace eventlog {

// "0", "90s", "1h30m", "1.5h", "7d", "2w": numbers with units of ms, s, m, h, d and w. Never negative, and no more than
// 292 years, which is what the log can keep.
absl::StatusOr<absl::Duration> ParseDuration(absl::string_view text);

// "4096", "64KiB", "1.5GiB", "10GB": B, KB, MB, GB, TB of 1000, KiB, MiB, GiB, TiB of 1024; whatever the case. A
// fraction of a byte is cut off.
absl::StatusOr<int64_t> ParseByteSize(absl::string_view text);

// RFC 3339 ("2026-01-02T03:04:05Z"), "now", or a duration that means so long before `now`.
absl::StatusOr<absl::Time> ParseTimeOrAge(absl::string_view text, absl::Time now);

// The two largest units that it has: "7d", "1h30m", "250ms"; "0s" for none. What it leaves out is cut off.
std::string DurationText(absl::Duration duration);

// RFC 3339 in UTC, to the second, for tables.
std::string TimestampText(const google::protobuf::Timestamp& time);

// "12,345".
std::string WithThousands(int64_t number);

// "512 B", "64.0 KiB", "9.8 GiB".
std::string ByteSizeText(int64_t bytes);

}  // namespace eventlog

#endif  // PRODUCERS_CLI_HUMAN_UNITS_H_
