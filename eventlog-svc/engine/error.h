// Errors with a reason that programs can rely on (AIP-193): a status whose payload is one google.rpc.ErrorInfo.

#ifndef EVENTLOG_SVC_ENGINE_ERROR_H_
#define EVENTLOG_SVC_ENGINE_ERROR_H_

#include <initializer_list>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace eventlog {

inline constexpr char kErrorDomain[] = "eventlog.v1";

// Payload keys of an absl::Status, which are also the type URLs of the details.
inline constexpr char kErrorInfoUrl[] = "type.googleapis.com/google.rpc.ErrorInfo";
inline constexpr char kRetryInfoUrl[] = "type.googleapis.com/google.rpc.RetryInfo";

// A status of `code` with an ErrorInfo of `reason` (UPPER_SNAKE_CASE, from api: EMPTY_APPEND, OFFSET_MISMATCH, …) and
// the values that `message` mentions.
absl::Status Error(absl::StatusCode code, absl::string_view reason, absl::string_view message,
                   std::initializer_list<std::pair<absl::string_view, std::string>> metadata = {});

// kUnavailable DRAINING: the service takes nothing more.
absl::Status DrainingError();

// kAborted PRIOR_APPEND_FAILED: an earlier append of the stream was refused, so this one is.
absl::Status PriorAppendError();

// `status` with a RetryInfo that tells the client how long to wait.
absl::Status WithRetryDelay(absl::Status status, absl::Duration delay);

// The reason of an error made by Error(); empty when there is none.
std::string ErrorReason(const absl::Status& status);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_ENGINE_ERROR_H_
