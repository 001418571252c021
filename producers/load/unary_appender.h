// Appends with the call Append, one at a time, as a program without the client library does: what fails is not
// repeated.

#ifndef PRODUCERS_LOAD_UNARY_APPENDER_H_
#define PRODUCERS_LOAD_UNARY_APPENDER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/synchronization/mutex.h"
#include "eventlog-svc/client/backoff.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "producers/load/event_appender.h"
#include "proto/eventlog/v1/event_log.grpc.pb.h"

namespace eventlog {

class UnaryAppender : public EventAppender {
 public:
  UnaryAppender(const std::shared_ptr<grpc::Channel>& channel, std::string log, int batch_events);

  absl::Status Append(v1::Event event, AppendDone done) override;
  // Returns when the call has ended.
  void Push() override;
  void Finish() override { Push(); }
  void Abort() override;
  int64_t connections() const override { return 0; }

 private:
  absl::StatusOr<int64_t> Call();

  const std::unique_ptr<v1::EventLog::Stub> stub_;
  const int batch_events_;

  // The appending thread's.
  v1::AppendRequest request_;
  std::vector<AppendDone> dones_;
  absl::BitGen random_;
  Backoff backoff_{{}, random_};

  absl::Mutex mutex_;
  bool aborted_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::ClientContext* context_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace eventlog

#endif  // PRODUCERS_LOAD_UNARY_APPENDER_H_
