// An append on its way from the wire to its log: read, find the log, hold against the limits of both.

#ifndef EVENTLOG_SVC_RPC_APPEND_INTAKE_H_
#define EVENTLOG_SVC_RPC_APPEND_INTAKE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/engine.h"
#include "eventlog-svc/rpc/plain_append.h"
#include "eventlog-svc/rpc/request_validator.h"
#include "grpcpp/support/byte_buffer.h"

namespace eventlog {

// One thread at a time; engine and validator must outlive it.
class AppendIntake {
 public:
  struct Taken {
    std::shared_ptr<Log> log;
    AppendBatch batch;
  };

  AppendIntake(const Engine& engine, RequestValidator& validator) : engine_(engine), validator_(validator) {}

  // The errors are those of RequestValidator::AppendSizes, ParseAppendRequest, FindLog and RequestValidator::Append.
  absl::StatusOr<Taken> Take(const grpc::ByteBuffer& request, absl::Time now);

 private:
  // `request` as a v1::AppendRequest or a PlainAppend.
  template <typename Request>
  absl::StatusOr<Taken> Take(Request& request, const std::string& log_name, absl::Time now);

  const Engine& engine_;
  RequestValidator& validator_;
  PlainAppend plain_;  // of the last request: its memory serves the next
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_APPEND_INTAKE_H_
