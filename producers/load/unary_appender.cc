#include "producers/load/unary_appender.h"

#include <utility>

#include "eventlog-svc/client/rpc_error.h"

namespace eventlog {

UnaryAppender::UnaryAppender(const std::shared_ptr<grpc::Channel>& channel, std::string log, int batch_events)
    : stub_(v1::EventLog::NewStub(channel)), batch_events_(batch_events) {
  request_.set_log(std::move(log));
}

absl::Status UnaryAppender::Append(v1::Event event, AppendDone done) {
  {
    absl::MutexLock lock(&mutex_);
    if (aborted_) return absl::CancelledError("the load is over");
  }
  *request_.add_events() = std::move(event);
  dones_.push_back(std::move(done));
  if (request_.events_size() >= batch_events_) Push();
  return absl::OkStatus();
}

absl::StatusOr<int64_t> UnaryAppender::Call() {
  grpc::ClientContext context;
  {
    absl::MutexLock lock(&mutex_);
    if (aborted_) return absl::CancelledError("the load is over");
    context_ = &context;
  }
  v1::AppendResponse response;
  const absl::Status status = FromGrpcStatus(stub_->Append(&context, request_, &response));
  absl::MutexLock lock(&mutex_);
  context_ = nullptr;
  if (!status.ok()) return status;
  return response.first_offset();
}

void UnaryAppender::Push() {
  if (dones_.empty()) return;
  const absl::StatusOr<int64_t> first = Call();
  request_.clear_events();
  int64_t place = 0;
  for (AppendDone& done : std::exchange(dones_, {})) {
    done(first.ok() ? absl::StatusOr<int64_t>(*first + place) : first);
    ++place;
  }
  if (first.ok()) return backoff_.Reset();
  const absl::Duration pause = backoff_.Next();
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&aborted_), pause);
}

void UnaryAppender::Abort() {
  absl::MutexLock lock(&mutex_);
  aborted_ = true;
  if (context_ != nullptr) context_->TryCancel();
}

}  // namespace eventlog
