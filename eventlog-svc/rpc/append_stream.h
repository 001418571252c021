// One AppendStream call: takes batches as they come, answers them in their order.
//
// Batches go to the engine at once, so that many of them share a commit; a failed one breaks the order of the stream
// (AppendOrder), so that none behind it is stored. What is unanswered is bounded: beyond it the stream is not read, and
// the client feels it through flow control. When the service drains a stream ends once it has answered what it read:
// a client that keeps its stream open does not hold up the end of the service.

#ifndef EVENTLOG_SVC_RPC_APPEND_STREAM_H_
#define EVENTLOG_SVC_RPC_APPEND_STREAM_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "eventlog-svc/engine/log.h"
#include "eventlog-svc/rpc/append_intake.h"
#include "eventlog-svc/rpc/drain_list.h"
#include "eventlog-svc/rpc/stream_call.h"
#include "grpcpp/support/byte_buffer.h"

namespace eventlog {

class AppendStream : public StreamListener, public Drained, public std::enable_shared_from_this<AppendStream> {
 public:
  using Call = BidiStreamCall<grpc::ByteBuffer, grpc::ByteBuffer>;
  // Told of every refusal.
  using OnError = std::function<void(const absl::Status&)>;

  // Starts reading. Lives until the call is over and the engine has answered everything; the intake, which is used on
  // the queue's thread, and the list, on which it is until the call is over, must outlive it.
  static void Start(Call* call, AppendIntake& intake, DrainList& drain_list, OnError on_error);

  // Ends the call with UNAVAILABLE DRAINING as soon as everything that was read is answered.
  void Drain() override;

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone() override;

 private:
  struct Slot {
    int64_t bytes = 0;
    std::optional<absl::StatusOr<AppendResult>> answer;
  };

  AppendStream(Call* call, AppendIntake& intake, DrainList& drain_list, OnError on_error);
  void Answer(int64_t sequence, absl::StatusOr<AppendResult> result);
  // Hands the batch to the engine; an error says why not.
  absl::Status Submit(int64_t sequence);
  // Does what can be done next: read, write, finish. Calls gRPC, which never calls back on the same thread.
  void StepLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Call* const call_;
  AppendIntake& intake_;
  DrainList& drain_list_;
  const OnError on_error_;
  const std::shared_ptr<AppendOrder> order_ = std::make_shared<AppendOrder>();
  std::shared_ptr<Log> log_;  // that the first item names
  grpc::ByteBuffer request_;  // of the read under way
  bool refused_ = false;      // by Submit; of the reading side

  absl::Mutex mutex_;
  std::shared_ptr<AppendStream> self_ ABSL_GUARDED_BY(mutex_);  // let go by OnDone
  std::deque<Slot> slots_ ABSL_GUARDED_BY(mutex_);
  int64_t first_slot_ ABSL_GUARDED_BY(mutex_) = 0;  // the sequence of slots_.front()
  int64_t unanswered_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool failed_ ABSL_GUARDED_BY(mutex_) = false;  // an answer that was given was an error
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool half_closed_ ABSL_GUARDED_BY(mutex_) = false;  // the client sends nothing more
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;       // the client hears nothing more
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_APPEND_STREAM_H_
