// The status of a stream on which Read failed: the service's, when the stream ended; else that a message could not be
// read.

#ifndef EVENTLOG_SVC_CLIENT_STREAM_END_H_
#define EVENTLOG_SVC_CLIENT_STREAM_END_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "grpcpp/support/status.h"

namespace eventlog {

inline constexpr absl::Duration kStatusWait = absl::Seconds(1);

// Calls `finish` and gives its status. Read also fails at a message that cannot be parsed, with the stream still open:
// Finish would wait for ever. So, when there is no status after `wait`, `cancel` is called on another thread, which
// must make `finish` return, and the result is kInternal. At a stream's end the status is there at once; to cancel
// without waiting would put CANCELLED in its place.
absl::Status FinishStream(absl::FunctionRef<grpc::Status()> finish, absl::FunctionRef<void()> cancel,
                          absl::Duration wait = kStatusWait);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_STREAM_END_H_
