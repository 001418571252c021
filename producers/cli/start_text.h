// Where in a log something begins, as flags say it: earliest, latest, an offset, tail:N, or time:TIME.

#ifndef PRODUCERS_CLI_START_TEXT_H_
#define PRODUCERS_CLI_START_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "producers/cli/human_units.h"
#include "producers/cli/log_point.h"

namespace eventlog {

// What such a flag takes, for its help.
inline constexpr char kStartTextHelp[] =
    "earliest, latest, an offset, tail:N, or time:TIME (RFC 3339, or how long ago)";

// Sets the `start` of a SubscribeRequest or ReadRequest. kInvalidArgument names --`flag` and says what is right.
template <typename Request>
absl::Status SetStart(absl::string_view flag, absl::string_view text, absl::Time now, Request& request) {
  absl::string_view rest = text;
  int64_t number = 0;
  if (text == "earliest") {
    request.mutable_earliest();
  } else if (text == "latest") {
    request.mutable_latest();
  } else if (absl::ConsumePrefix(&rest, "time:")) {
    const absl::StatusOr<absl::Time> time = ParseTimeOrAge(rest, now);
    if (!time.ok())
      return absl::InvalidArgumentError(absl::StrCat("--", flag, "=", text, ": ", time.status().message()));
    *request.mutable_time() = ToTimestamp(*time);
  } else if (absl::ConsumePrefix(&rest, "tail:") && absl::SimpleAtoi(rest, &number) && number >= 0) {
    request.set_tail(number);
  } else if (absl::SimpleAtoi(text, &number) && number >= 0) {
    request.set_offset(number);
  } else {
    return absl::InvalidArgumentError(absl::StrCat("--", flag, "=", text, ": right is ", kStartTextHelp));
  }
  return absl::OkStatus();
}

}  // namespace eventlog

#endif  // PRODUCERS_CLI_START_TEXT_H_
