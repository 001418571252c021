// A log service that serves one growing log from memory: the upstream of the gateway in the fan-out benchmark, so that
// the gateway is measured and not the log.

#ifndef TESTS_BENCH_STUB_LOG_SERVER_H_
#define TESTS_BENCH_STUB_LOG_SERVER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/grpcpp.h"
#include "proto/eventlog/v1/event_log.grpc.pb.h"

namespace eventlog::bench {

// Serves Subscribe (from any start: only what comes later), Read (always at the end) and GetLogStats. Thread safe.
class StubLogServer : public v1::EventLog::Service {
 public:
  static constexpr char kEpoch[] = "00000000000000be";

  StubLogServer();
  ~StubLogServer() override;

  const std::string& address() const { return address_; }

  // An event as it publishes them; its JSON grows with the text.
  static v1::Record MakeRecord(int64_t offset, size_t text_bytes);

  // Sends `count` more events to the subscriber, in one batch.
  void Publish(int count, size_t text_bytes);
  // Waits until somebody subscribes.
  void AwaitSubscriber();

  grpc::Status Subscribe(grpc::ServerContext* context, const v1::SubscribeRequest* request,
                         grpc::ServerWriter<v1::SubscribeResponse>* writer) override;
  grpc::Status Read(grpc::ServerContext* context, const v1::ReadRequest* request, v1::ReadResponse* response) override;
  grpc::Status GetLogStats(grpc::ServerContext* context, const v1::GetLogStatsRequest* request,
                           v1::LogStats* response) override;

 private:
  bool Changed() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || pending_; }

  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool subscribed_ ABSL_GUARDED_BY(mutex_) = false;
  bool pending_ ABSL_GUARDED_BY(mutex_) = false;
  v1::SubscribeResponse next_ ABSL_GUARDED_BY(mutex_);
  int64_t head_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_STUB_LOG_SERVER_H_
