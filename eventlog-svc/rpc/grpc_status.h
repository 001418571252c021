// The one place where our statuses become gRPC's (AIP-193): the details go into google.rpc.Status.

#ifndef EVENTLOG_SVC_RPC_GRPC_STATUS_H_
#define EVENTLOG_SVC_RPC_GRPC_STATUS_H_

#include "absl/status/status.h"
#include "grpcpp/support/status.h"
#include "proto/google/rpc/status.pb.h"

namespace eventlog {

google::rpc::Status ToRpcStatus(const absl::Status& status);
// With the serialized google.rpc.Status as its details: clients find it in the trailer grpc-status-details-bin.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_GRPC_STATUS_H_
