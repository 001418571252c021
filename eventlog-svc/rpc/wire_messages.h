// Response messages as wire bytes, around records that are not parsed again.

#ifndef EVENTLOG_SVC_RPC_WIRE_MESSAGES_H_
#define EVENTLOG_SVC_RPC_WIRE_MESSAGES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/log.h"
#include "eventlog-svc/engine/subscription.h"
#include "grpcpp/support/byte_buffer.h"
#include "proto/eventlog/v1/event_log.pb.h"

namespace eventlog {

google::protobuf::Timestamp ToProtoTime(absl::Time time);
// `duration` is not negative.
google::protobuf::Duration ToProtoDuration(absl::Duration duration);

// The SubscribeResponse of a message, which is neither NothingNow nor StillScanning. The records stay where
// they are: the buffer holds them.
grpc::ByteBuffer ToSubscribeResponse(SubscriptionMessage message, const std::string& epoch, absl::Time now);
// The reply to one batch.
grpc::ByteBuffer ToAppendResponse(const AppendResult& result);
grpc::ByteBuffer ToAppendStreamResponse(const absl::StatusOr<AppendResult>& result);
// Any other response.
grpc::ByteBuffer ToBuffer(const google::protobuf::MessageLite& message);
// `ending` with this reason.
grpc::ByteBuffer ToEnding(v1::EndingReason reason, int64_t next_offset, absl::Duration retry_delay);
// A ReadResponse: `records` is a run of record fields; `rest` has the other fields.
grpc::ByteBuffer ToReadResponse(std::string records, const v1::ReadResponse& rest);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_WIRE_MESSAGES_H_
