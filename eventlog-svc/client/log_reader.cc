#include "eventlog-svc/client/log_reader.h"

#include "absl/time/clock.h"
#include "eventlog-svc/client/rpc_error.h"
#include "grpcpp/client_context.h"

namespace eventlog {

LogReader::LogReader(const std::shared_ptr<grpc::Channel>& channel, absl::Duration timeout)
    : stub_(v1::EventLog::NewStub(channel)), timeout_(timeout) {}

absl::StatusOr<v1::ReadResponse> LogReader::Read(const v1::ReadRequest& request) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout_));
  v1::ReadResponse response;
  const grpc::Status status = stub_->Read(&context, request, &response);
  if (!status.ok()) return FromGrpcStatus(status);
  return response;
}

absl::StatusOr<v1::LogStats> LogReader::GetLogStats(const v1::GetLogStatsRequest& request) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout_));
  v1::LogStats stats;
  const grpc::Status status = stub_->GetLogStats(&context, request, &stats);
  if (!status.ok()) return FromGrpcStatus(status);
  return stats;
}

}  // namespace eventlog
