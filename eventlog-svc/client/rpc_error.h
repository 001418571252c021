// What a service answered, as an absl::Status that keeps its details.

#ifndef EVENTLOG_SVC_CLIENT_RPC_ERROR_H_
#define EVENTLOG_SVC_CLIENT_RPC_ERROR_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "grpcpp/support/status.h"
#include "proto/google/rpc/status.pb.h"

namespace eventlog {

absl::Status FromRpcStatus(const google::rpc::Status& status);
absl::Status FromGrpcStatus(const grpc::Status& status);

// ErrorInfo.reason of such a status ("OFFSET_MISMATCH"); empty when the service gave none.
std::string RpcErrorReason(const absl::Status& status);
// ErrorInfo.metadata of such a status: the values that its message is about; empty when the service gave none.
std::map<std::string, std::string> RpcErrorMetadata(const absl::Status& status);
// "REASON: message" for people; the message alone when there is no reason.
std::string RpcErrorText(const absl::Status& status);
// RetryInfo.retry_delay, when the service gave one.
std::optional<absl::Duration> RpcRetryDelay(const absl::Status& status);
// Whether the same request may succeed later: the service is away, overloaded, or the outcome is open. A message that
// is too large for gRPC (kResourceExhausted without a reason) never does.
bool IsTransient(const absl::Status& status);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_RPC_ERROR_H_
