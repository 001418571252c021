// Requests from the wire. The service takes raw bytes: what is not a message, or has text that is not UTF-8, is refused
// with a reason here, where gRPC itself would answer INTERNAL without one, or end a stream as if it were complete.

#ifndef EVENTLOG_SVC_RPC_REQUEST_PARSER_H_
#define EVENTLOG_SVC_RPC_REQUEST_PARSER_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "grpcpp/support/byte_buffer.h"
#include "proto/eventlog/v1/event_log.pb.h"

namespace eventlog {

// Any request but an append. kInvalidArgument REQUEST_INVALID, also for more than 1 MiB.
absl::Status ParseQuery(const grpc::ByteBuffer& buffer, google::protobuf::Message& message);
// The same.
absl::StatusOr<v1::SubscribeRequest> ParseSubscribeRequest(const grpc::ByteBuffer& buffer);
absl::StatusOr<v1::ReadRequest> ParseReadRequest(const grpc::ByteBuffer& buffer);
absl::StatusOr<v1::GetLogStatsRequest> ParseGetLogStatsRequest(const grpc::ByteBuffer& buffer);
// kInvalidArgument EVENT_INVALID, naming the event, when it is one of the events that cannot be read or is nested too
// deeply for its readers, else REQUEST_INVALID.
absl::StatusOr<v1::AppendRequest> ParseAppendRequest(const grpc::ByteBuffer& buffer);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_REQUEST_PARSER_H_
