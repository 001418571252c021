#include "eventlog-svc/client/log_reader.h"

#include "absl/time/clock.h"
#include "eventlog-svc/client/rpc_error.h"

namespace eventlog {

LogReader::LogReader(const std::shared_ptr<grpc::Channel>& channel, absl::Duration timeout)
    : stub_(v1::EventLog::NewStub(channel)), timeout_(timeout) {}

template <typename Call>
absl::Status LogReader::CallOnce(Call call) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout_));
  {
    absl::MutexLock lock(&mutex_);
    if (cancelled_) return absl::CancelledError("the reader was cancelled");
    under_way_.insert(&context);
  }
  const grpc::Status status = call(context);
  absl::MutexLock lock(&mutex_);
  under_way_.erase(&context);
  return FromGrpcStatus(status);
}

absl::StatusOr<v1::ReadResponse> LogReader::Read(const v1::ReadRequest& request) {
  v1::ReadResponse response;
  const absl::Status status = Read(request, response);
  if (!status.ok()) return status;
  return response;
}

absl::Status LogReader::Read(const v1::ReadRequest& request, v1::ReadResponse& response) {
  return CallOnce([&](grpc::ClientContext& context) { return stub_->Read(&context, request, &response); });
}

absl::StatusOr<v1::LogStats> LogReader::GetLogStats(const v1::GetLogStatsRequest& request) {
  v1::LogStats stats;
  const absl::Status status =
      CallOnce([&](grpc::ClientContext& context) { return stub_->GetLogStats(&context, request, &stats); });
  if (!status.ok()) return status;
  return stats;
}

void LogReader::Cancel() {
  absl::MutexLock lock(&mutex_);
  cancelled_ = true;
  for (grpc::ClientContext* context : under_way_) context->TryCancel();
}

}  // namespace eventlog
