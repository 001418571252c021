// What all calls over the call queue share: they are counted, and go with their last event.

#ifndef EVENTLOG_SVC_RPC_QUEUED_CALL_H_
#define EVENTLOG_SVC_RPC_QUEUED_CALL_H_

#include <atomic>

#include "eventlog-svc/rpc/call_queue.h"
#include "eventlog-svc/rpc/grpc_order.h"
#include "grpcpp/server_context.h"

namespace eventlog {

// Made with new; deletes itself. Its functions are for the queue's thread.
class QueuedCall {
 public:
  QueuedCall(const QueuedCall&) = delete;
  QueuedCall& operator=(const QueuedCall&) = delete;

 protected:
  // Is about to be asked for. Hears of `events` more events once it has come.
  QueuedCall(CallQueue& queue, int events) : queue_(queue), events_left_(events) { queue_.users().Begin(); }
  virtual ~QueuedCall() = default;

  // It came. False when it did not, for the server is shut down: then it is gone.
  bool Come(bool ok) {
    order_.After();
    if (ok) {
      queue_.calls().Begin();
    } else {
      Go();
    }
    return ok;
  }
  // Hears of one event more, which is about to be asked for. On any thread, before the last event.
  void ExpectEvent() { ++events_left_; }
  // Counts one of the events.
  bool WasLastEvent() { return --events_left_ == 0; }
  // Behind the last event: it is gone.
  void End() {
    queue_.calls().End();
    Go();
  }

  CallQueue& queue_;
  GrpcOrder order_;  // of what other threads ask for it, and its events
  grpc::ServerContext context_;

 private:
  void Go() {
    CallQueue& queue = queue_;
    delete this;
    queue.users().End();
  }

  std::atomic<int> events_left_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_QUEUED_CALL_H_
