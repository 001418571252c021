// One AppendStream call: requests are written on the caller's thread, answers are read on a thread of its own.

#ifndef EVENTLOG_SVC_CLIENT_APPEND_CALL_H_
#define EVENTLOG_SVC_CLIENT_APPEND_CALL_H_

#include <functional>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "eventlog-svc/client/append_queue.h"
#include "grpcpp/client_context.h"
#include "proto/eventlog/v1/event_log.grpc.pb.h"

namespace eventlog {

// Start, Write and Finish from one thread; Cancel from any.
class AppendCall {
 public:
  struct Handler {
    // On the reading thread. False: the call is given up.
    std::function<bool(const v1::AppendStreamResponse&)> on_answer;
    // On the reading thread: there will be no more answers, and nothing more need be written.
    std::function<void()> on_end;
  };

  AppendCall() = default;
  // Finish must have been called where Start was.
  ~AppendCall() = default;

  // Waits for the connection, or for its failure. `stub` and what the handler refers to must outlive Finish.
  void Start(v1::EventLog::Stub& stub, Handler handler);
  // Waits while the service reads nothing. False: the call is over.
  bool Write(const v1::AppendRequest& request) { return stream_->Write(request); }
  // The same with the events of a batch, which are not copied.
  bool WriteBatch(v1::AppendRequest& request, AppendQueue::Batch& batch);
  // Makes all of the others return soon, also before Start.
  void Cancel() { context_.TryCancel(); }
  // Waits for the end of the call, and gives its status.
  absl::Status Finish();

 private:
  void Read();

  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::AppendRequest, v1::AppendStreamResponse>> stream_;
  Handler handler_;
  absl::Status end_;  // of the reader, until it is joined
  absl::Mutex mutex_;
  bool writing_ ABSL_GUARDED_BY(mutex_) = true;  // Write may be called, and be under way
  std::thread reader_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_APPEND_CALL_H_
