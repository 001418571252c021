// The gRPC health checking protocol, over the call queue: gRPC's own would bring the callback API and its threads.

#ifndef EVENTLOG_SVC_RPC_HEALTH_SERVICE_H_
#define EVENTLOG_SVC_RPC_HEALTH_SERVICE_H_

#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "eventlog-svc/rpc/call_queue.h"
#include "eventlog-svc/rpc/stream_call.h"
#include "proto/grpc/health/v1/health.grpc.pb.h"

namespace eventlog {

// Thread safe. The services of a server are well together, or not at all: they stand on one engine. Begins SERVING.
// The gRPC server must be shut down before it is destroyed.
class HealthService : public grpc::health::v1::Health::AsyncService {
 public:
  // Those with these names, besides the server as a whole ("").
  explicit HealthService(std::vector<std::string> services);
  ~HealthService() override;

  // Begins to answer, once the server is built.
  void Serve(CallQueue& queue);
  // NOT_SERVING for good.
  void Fail();
  // The same, and every Watch ends when it has heard.
  void Drain();

 private:
  using CheckRequest = grpc::health::v1::HealthCheckRequest;
  using CheckResponse = grpc::health::v1::HealthCheckResponse;
  using WatchCall = ServerStreamCall<CheckRequest, CheckResponse>;
  class Watcher;

  bool Knows(const std::string& service) const;
  CheckResponse::ServingStatus StatusLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return serving_ ? CheckResponse::SERVING : CheckResponse::NOT_SERVING;
  }
  CheckResponse::ServingStatus status() const;

  const std::vector<std::string> services_;
  mutable absl::Mutex mutex_;
  bool serving_ ABSL_GUARDED_BY(mutex_) = true;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_set<Watcher*> watchers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_HEALTH_SERVICE_H_
