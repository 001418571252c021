// One Subscribe call on its way through gRPC: one write in flight, no queue. Driven by the SubscriptionPump.

#ifndef EVENTLOG_SVC_RPC_SUBSCRIPTION_STREAM_H_
#define EVENTLOG_SVC_RPC_SUBSCRIPTION_STREAM_H_

#include <memory>
#include <utility>

#include "absl/time/time.h"
#include "eventlog-svc/engine/subscription.h"
#include "eventlog-svc/rpc/stream_call.h"
#include "grpcpp/support/byte_buffer.h"

namespace eventlog {

class SubscriptionStream;

// Hears what gRPC tells a stream. Called on the call queue's thread.
class SubscriptionStreamListener {
 public:
  virtual ~SubscriptionStreamListener() = default;
  // The last write is done, or failed: the stream wants its next message.
  virtual void OnWritten(SubscriptionStream* stream) = 0;
  // The client is gone: the stream wants to be finished. May come more than once.
  virtual void OnCancelled(SubscriptionStream* stream) = 0;
  // The stream is over; it deletes itself when this returns.
  virtual void OnGone(SubscriptionStream* stream) = 0;
};

// The members below belong to whoever serves the stream: the pump's thread, or, between a write and the next, the call
// queue's.
class SubscriptionStream : public StreamListener {
 public:
  using Call = ServerStreamCall<grpc::ByteBuffer, grpc::ByteBuffer>;

  SubscriptionStream(Call* of_call, std::shared_ptr<const Log> of, SubscriptionOptions options,
                     SubscriptionStreamListener& listener)
      : call(of_call), log(std::move(of)), subscription(*log, std::move(options)), listener_(listener) {
    call->set_listener(this);
  }

  void OnWriteDone(bool ok) override {
    if (!ok) listener_.OnCancelled(this);
    listener_.OnWritten(this);
  }
  void OnCancel() override { listener_.OnCancelled(this); }
  void OnDone() override {
    listener_.OnGone(this);
    delete this;
  }

  Call* const call;
  const std::shared_ptr<const Log> log;
  Subscription subscription;

 private:
  SubscriptionStreamListener& listener_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_SUBSCRIPTION_STREAM_H_
