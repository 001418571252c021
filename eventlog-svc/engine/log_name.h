// What a log may be called, and what its settings may be.

#ifndef EVENTLOG_SVC_ENGINE_LOG_NAME_H_
#define EVENTLOG_SVC_ENGINE_LOG_NAME_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "eventlog-svc/engine/log.h"

namespace eventlog {

// The name of the log that always exists.
inline constexpr char kDefaultLog[] = "events";

// kInvalidArgument LOG_INVALID unless it is 1 to 63 characters of [a-z0-9_.-], the first of [a-z0-9]: a name that is
// safe as that of a folder, and the same in any case.
absl::Status CheckLogName(absl::string_view name);

// kInvalidArgument LOG_INVALID for a negative limit, or one above those of the API; kFailedPrecondition
// DURABILITY_UNSUPPORTED for a default that the engine does not reach.
absl::Status CheckLogSettings(const LogSettings& settings, Durability durability_max);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_ENGINE_LOG_NAME_H_
