// Logs, their settings and cursors, between the engine's form and the API's.

#ifndef EVENTLOG_SVC_RPC_LOG_MESSAGES_H_
#define EVENTLOG_SVC_RPC_LOG_MESSAGES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventlog-svc/engine/engine.h"
#include "eventlog-svc/engine/log.h"
#include "google/protobuf/field_mask.pb.h"
#include "proto/eventlog/v1/cursors.pb.h"
#include "proto/eventlog/v1/log_admin.pb.h"

namespace eventlog {

v1::Cursor ToProtoCursor(const std::string& log, const Cursor& cursor);

// The whole of a log of this engine.
v1::Log ToProtoLog(const Log& log, const Engine& engine);

// The settings of a message; what is for output only is not looked at. kInvalidArgument LOG_INVALID for a max_age that
// cannot be kept; kFailedPrecondition DURABILITY_UNSUPPORTED for a durability that this version does not know. Limits
// are the engine's to check (CheckLogSettings).
absl::StatusOr<LogSettings> ToLogSettings(const v1::Log& log);

// `settings` with those of `changes` that the mask names. kInvalidArgument LOG_INVALID for a path that is none.
absl::StatusOr<LogSettings> MaskedSettings(LogSettings settings, const LogSettings& changes,
                                           const google::protobuf::FieldMask& mask);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_LOG_MESSAGES_H_
