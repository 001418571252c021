// Tells the death of a service from what a living one answers.

#ifndef TESTS_CRASH_SERVICE_IS_GONE_H_
#define TESTS_CRASH_SERVICE_IS_GONE_H_

#include "absl/status/status.h"
#include "eventlog-svc/client/rpc_error.h"

namespace eventlog {

// Whether a call ended so because its service was killed. One that lives gives a reason. Any thread.
inline bool ServiceIsGone(const absl::Status& status) {
  return absl::IsUnavailable(status) && RpcErrorReason(status).empty();
}

}  // namespace eventlog

#endif  // TESTS_CRASH_SERVICE_IS_GONE_H_
