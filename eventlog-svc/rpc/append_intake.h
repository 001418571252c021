// An append on its way from the wire to its log: read, find the log, hold against the limits of both.

#ifndef EVENTLOG_SVC_RPC_APPEND_INTAKE_H_
#define EVENTLOG_SVC_RPC_APPEND_INTAKE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/engine.h"
#include "eventlog-svc/rpc/request_validator.h"
#include "grpcpp/support/byte_buffer.h"

namespace eventlog {

struct AppendIntake {
  std::shared_ptr<Log> log;
  AppendBatch batch;
};

// The errors are those of ParseAppendRequest, FindLog and RequestValidator::Append. Any thread.
absl::StatusOr<AppendIntake> TakeAppend(const grpc::ByteBuffer& request, const Engine& engine,
                                        RequestValidator& validator, absl::Time now);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_APPEND_INTAKE_H_
