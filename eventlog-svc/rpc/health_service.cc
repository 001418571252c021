#include "eventlog-svc/rpc/health_service.h"

#include <algorithm>
#include <utility>

#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/rpc/grpc_status.h"
#include "eventlog-svc/rpc/unary_call.h"

namespace eventlog {

// One Watch: says what the status is when it is another than the last that was said.
class HealthService::Watcher final : public StreamListener {
 public:
  Watcher(HealthService& service, WatchCall* call)
      : service_(service), call_(call), known_(service.Knows(call->request().service())) {
    call_->set_listener(this);
    absl::MutexLock lock(&service_.mutex_);
    service_.watchers_.insert(this);
    StepLocked();
  }

  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&service_.mutex_);
    writing_ = false;
    if (!ok) cancelled_ = true;
    StepLocked();
  }
  void OnCancel() override {
    absl::MutexLock lock(&service_.mutex_);
    cancelled_ = true;
    StepLocked();
  }
  void OnDone() override {
    {
      absl::MutexLock lock(&service_.mutex_);
      service_.watchers_.erase(this);
    }
    delete this;
  }

  // Under the service's lock. Calls gRPC, which never calls back on the same thread.
  void StepLocked() {
    service_.mutex_.AssertHeld();
    if (writing_ || finished_) return;
    const auto status = known_ ? service_.StatusLocked() : CheckResponse::SERVICE_UNKNOWN;
    if (!cancelled_ && status != said_) {
      said_ = status;
      writing_ = true;
      CheckResponse response;
      response.set_status(status);
      call_->Write(response);
    } else if (cancelled_ || service_.draining_) {
      finished_ = true;
      call_->Finish(cancelled_ ? grpc::Status::CANCELLED : ToGrpcStatus(DrainingError()));
    }
  }

 private:
  HealthService& service_;
  WatchCall* const call_;
  const bool known_;
  CheckResponse::ServingStatus said_ ABSL_GUARDED_BY(service_.mutex_) = CheckResponse::UNKNOWN;
  bool writing_ ABSL_GUARDED_BY(service_.mutex_) = false;
  bool cancelled_ ABSL_GUARDED_BY(service_.mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(service_.mutex_) = false;
};

HealthService::HealthService(std::vector<std::string> services) : services_(std::move(services)) {}

HealthService::~HealthService() = default;

bool HealthService::Knows(const std::string& service) const {
  return service.empty() || std::find(services_.begin(), services_.end(), service) != services_.end();
}

HealthService::CheckResponse::ServingStatus HealthService::status() const {
  absl::MutexLock lock(&mutex_);
  return StatusLocked();
}

void HealthService::Serve(CallQueue& queue) {
  using CheckCall = UnaryCall<CheckRequest, CheckResponse>;
  CheckCall::Serve(
      queue, [this](auto... arguments) { RequestCheck(arguments...); },
      [this](CheckCall* call) {
        if (!Knows(call->request().service())) {
          return call->Finish(grpc::Status(grpc::StatusCode::NOT_FOUND, "no service of that name here"));
        }
        call->response().set_status(status());
        call->Finish(grpc::Status::OK);
      });
  WatchCall::Serve(
      queue, [this](auto... arguments) { RequestWatch(arguments...); },
      [this](WatchCall* call) { new Watcher(*this, call); });  // goes with the call
}

void HealthService::Fail() {
  absl::MutexLock lock(&mutex_);
  serving_ = false;
  for (Watcher* const watcher : watchers_) watcher->StepLocked();
}

void HealthService::Drain() {
  absl::MutexLock lock(&mutex_);
  serving_ = false;
  draining_ = true;
  for (Watcher* const watcher : watchers_) watcher->StepLocked();
}

}  // namespace eventlog
