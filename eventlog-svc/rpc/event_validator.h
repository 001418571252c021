// One event, held against the limits of the API.

#ifndef EVENTLOG_SVC_RPC_EVENT_VALIDATOR_H_
#define EVENTLOG_SVC_RPC_EVENT_VALIDATOR_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "proto/eventlog/v1/event.pb.h"

namespace eventlog {

inline constexpr size_t kTypeBytesMax = 255;
inline constexpr size_t kNameBytesMax = 1024;
inline constexpr size_t kAttributeValueBytesMax = 1024;
inline constexpr int32_t kTimeNanosMax = 999'999'999;

// These two say what is wrong, without a reason and a place: the caller knows both.
absl::Status ValidateTime(const google::protobuf::Timestamp& time);
// No control characters. `name` is UTF-8.
absl::Status ValidateName(absl::string_view name);
bool IsAttributeKey(absl::string_view key);
// kInvalidArgument EVENT_TOO_LARGE.
absl::Status CheckEventSize(size_t bytes, const std::string& where, int64_t event_bytes_max);

// kInvalidArgument EVENT_INVALID or EVENT_TOO_LARGE; `where` is how the message calls the event ("events[3]").
absl::Status ValidateEvent(const v1::Event& event, const std::string& where, int64_t event_bytes_max);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_EVENT_VALIDATOR_H_
