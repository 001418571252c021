// One call that streams: many answers to one request, or requests and answers side by side.

#ifndef EVENTLOG_SVC_RPC_STREAM_CALL_H_
#define EVENTLOG_SVC_RPC_STREAM_CALL_H_

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include "eventlog-svc/rpc/call_queue.h"
#include "eventlog-svc/rpc/queued_call.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_stream.h"
#include "grpcpp/support/status.h"

namespace eventlog {

// Who hears of a stream. On the queue's thread.
class StreamListener {
 public:
  virtual ~StreamListener() = default;
  // A message was read, or none comes any more.
  virtual void OnReadDone(bool) {}
  // The last write is with the transport, which has room for another, or the client is gone.
  virtual void OnWriteDone(bool ok) = 0;
  // The client is gone. The stream is to be finished, unless that is under way.
  virtual void OnCancel() {}
  // The stream is over and goes when this returns.
  virtual void OnDone() = 0;
};

// The request of a stream that begins with none.
struct NoRequest {};

// Belongs to itself until it is done. `Responder` is one of gRPC's for streams; see the names below. Reads, writes and
// Finish may come from any thread; at most one of each kind is under way, and no write when it is finished.
template <typename Responder, typename Request>
class StreamCall : private QueuedCall {
 public:
  static constexpr bool kBeginsWithRequest = !std::is_same_v<Request, NoRequest>;

  // Asks gRPC for the next call: the RequestMETHOD of the generated service.
  using Ask = std::conditional_t<kBeginsWithRequest,
                                 std::function<void(grpc::ServerContext*, Request*, Responder*, grpc::CompletionQueue*,
                                                    grpc::ServerCompletionQueue*, void* tag)>,
                                 std::function<void(grpc::ServerContext*, Responder*, grpc::CompletionQueue*,
                                                    grpc::ServerCompletionQueue*, void* tag)>>;
  // Takes a call that came, and sets who hears of it, unless it finishes it at once. On the queue's thread.
  using Handle = std::function<void(StreamCall*)>;

  // Has all calls of a method handled, from now until the server is shut down, which must be built. The queue, and what
  // `ask` and `handle` use, must outlive the calls.
  static void Serve(CallQueue& queue, Ask ask, Handle handle) {
    new StreamCall(std::make_shared<const Method>(Method{queue, std::move(ask), std::move(handle)}));
  }

  const Request& request() const { return request_; }
  // Before anything is read or written.
  void set_listener(StreamListener* listener) { listener_ = listener; }

  // Until OnReadDone the message is gRPC's.
  template <typename Message>
  void Read(Message* message) {
    ExpectEvent();
    order_.Before();
    responder_.Read(message, &read_);
  }
  template <typename Message>
  void Write(const Message& message) {
    order_.Before();
    responder_.Write(message, &written_);
  }
  // The last message, and the end. After this, and after Finish, nothing but OnCancel, the end of a read that is under
  // way, and OnDone comes; it may be over already.
  template <typename Message>
  void WriteAndFinish(const Message& message) {
    order_.Before();
    responder_.WriteAndFinish(message, grpc::WriteOptions(), grpc::Status::OK, &finished_);
  }
  void Finish(const grpc::Status& status) {
    order_.Before();
    responder_.Finish(status, &finished_);
  }

 private:
  struct Method {
    CallQueue& queue;
    Ask ask;
    Handle handle;
  };

  // That it is finished, and that it is done.
  static constexpr int kEvents = 2;

  explicit StreamCall(std::shared_ptr<const Method> method)
      : QueuedCall(method->queue, kEvents), method_(std::move(method)) {
    context_.AsyncNotifyWhenDone(&done_);
    order_.Before();
    if constexpr (kBeginsWithRequest) {
      method_->ask(&context_, &request_, &responder_, queue_.get(), queue_.get(), &come_);
    } else {
      method_->ask(&context_, &responder_, queue_.get(), queue_.get(), &come_);
    }
  }

  void OnCome(bool ok) {
    if (!Come(ok)) return;
    new StreamCall(method_);
    method_->handle(this);
  }
  void OnRead(bool ok) {
    order_.After();
    listener_->OnReadDone(ok);
    EndWithLastEvent();
  }
  void OnWritten(bool ok) {
    order_.After();
    listener_->OnWriteDone(ok);
  }
  // Comes when the client is gone, and at the end of every call.
  void OnDone(bool) {
    order_.After();
    if (context_.IsCancelled() && !finished_seen_ && listener_ != nullptr) listener_->OnCancel();
    EndWithLastEvent();
  }
  void OnFinished(bool) {
    order_.After();
    finished_seen_ = true;
    EndWithLastEvent();
  }
  void EndWithLastEvent() {
    if (!WasLastEvent()) return;
    if (listener_ != nullptr) listener_->OnDone();
    End();
  }

  const std::shared_ptr<const Method> method_;
  // The queue's thread's.
  StreamListener* listener_ = nullptr;
  bool finished_seen_ = false;

  Request request_;
  Responder responder_{&context_};
  MemberEvent<StreamCall> come_{this, &StreamCall::OnCome};
  MemberEvent<StreamCall> done_{this, &StreamCall::OnDone};
  MemberEvent<StreamCall> read_{this, &StreamCall::OnRead};
  MemberEvent<StreamCall> written_{this, &StreamCall::OnWritten};
  MemberEvent<StreamCall> finished_{this, &StreamCall::OnFinished};
};

// Many answers to one request.
template <typename Request, typename Response>
using ServerStreamCall = StreamCall<grpc::ServerAsyncWriter<Response>, Request>;
// Requests and answers side by side.
template <typename Request, typename Response>
using BidiStreamCall = StreamCall<grpc::ServerAsyncReaderWriter<Response, Request>, NoRequest>;

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_STREAM_CALL_H_
