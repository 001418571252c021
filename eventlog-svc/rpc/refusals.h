// The refusals that several services share.

#ifndef EVENTLOG_SVC_RPC_REFUSALS_H_
#define EVENTLOG_SVC_RPC_REFUSALS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace eventlog {

// kInvalidArgument with this reason; the message says where and what.
absl::Status InvalidField(absl::string_view reason, const std::string& field, absl::string_view what);

// kInvalidArgument REQUEST_INVALID when the message, or one that it is made of, has a field that this version does not
// know: what a newer client asks for is refused, not ignored. Repeated messages are not looked into: they are events,
// which are their producers' own. `what` is how the error calls the message.
absl::Status RefuseUnknown(const google::protobuf::Message& message, const std::string& what = "request");

// kResourceExhausted QUEUE_FULL, to be tried again soon; `what` waits ("reads").
absl::Status QueueFull(absl::string_view what);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_REFUSALS_H_
