// A server stream whose messages are made one after the other on a worker's thread, each when the one before is sent.

#ifndef EVENTLOG_SVC_RPC_WORKED_STREAM_H_
#define EVENTLOG_SVC_RPC_WORKED_STREAM_H_

#include <atomic>
#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/rpc/grpc_status.h"
#include "eventlog-svc/rpc/refusals.h"
#include "eventlog-svc/rpc/stream_call.h"
#include "eventlog-svc/rpc/wire_messages.h"
#include "eventlog-svc/rpc/worker_pool.h"
#include "grpcpp/support/byte_buffer.h"

namespace eventlog {

// What the streams of one service share; it must outlive their calls, and what a stream holds itself the pool.
struct WorkedStreams {
  WorkerPool& pool;
  const std::atomic<bool>& draining;
  std::function<void(const absl::Status&)> on_error;
};

// Start() gives it to the pool, which deletes it when the call is over. At most one of a piece of work and a write is
// under way.
template <typename Response>
class WorkedStream : public StreamListener {
 public:
  using Call = ServerStreamCall<grpc::ByteBuffer, grpc::ByteBuffer>;

  WorkedStream(Call* call, const WorkedStreams& shared) : call_(call), shared_(shared) { call_->set_listener(this); }

  // Must be the last thing that its creator does with it.
  void Start() {
    if (!shared_.pool.Submit([this] { Work(); })) {
      Refuse(QueueFull("checks and backups"));
    }
  }

  void OnWriteDone(bool ok) final {
    if (!ok) return call_->Finish(grpc::Status::CANCELLED);
    Start();
  }
  void OnCancel() final { cancelled_.store(true, std::memory_order_relaxed); }
  // On a worker's thread too: the last user of a file that was trimmed meanwhile waits until the disk has freed it.
  void OnDone() final {
    if (!shared_.pool.Submit([this] { delete this; })) delete this;
  }

 protected:
  // Makes the next message; false when it is the last one. On a worker's thread.
  virtual absl::StatusOr<bool> Next(Response& response) = 0;
  // Whether nobody waits for the message, or the service has no time for it: long work asks now and then, and ends.
  bool stopped() const {
    return cancelled_.load(std::memory_order_relaxed) || shared_.draining.load(std::memory_order_relaxed);
  }

 private:
  // Whatever the call is told at its end may delete the stream at once.
  void Work() {
    absl::StatusOr<bool> more = stopped() ? absl::CancelledError("stopped") : Next(response_);
    if (!more.ok() && stopped()) {
      if (cancelled_.load(std::memory_order_relaxed)) return call_->Finish(grpc::Status::CANCELLED);
      return Refuse(DrainingError());
    }
    if (!more.ok()) return Refuse(more.status());
    if (*more) return call_->Write(ToBuffer(response_));
    call_->WriteAndFinish(ToBuffer(response_));
  }
  void Refuse(const absl::Status& status) {
    shared_.on_error(status);
    call_->Finish(ToGrpcStatus(status));
  }

  Call* const call_;
  const WorkedStreams& shared_;
  std::atomic<bool> cancelled_ = false;
  Response response_;  // of the work under way
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_WORKED_STREAM_H_
