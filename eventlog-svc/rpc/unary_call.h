// One call with one request and one answer.

#ifndef EVENTLOG_SVC_RPC_UNARY_CALL_H_
#define EVENTLOG_SVC_RPC_UNARY_CALL_H_

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

#include "eventlog-svc/rpc/call_queue.h"
#include "eventlog-svc/rpc/queued_call.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_unary_call.h"
#include "grpcpp/support/status.h"

namespace eventlog {

// Belongs to itself until Finish. Messages may be grpc::ByteBuffer, for what gRPC is not to parse or to make.
template <typename Request, typename Response>
class UnaryCall : private QueuedCall {
 public:
  // Asks gRPC for the next call: the RequestMETHOD of the generated service.
  using Ask = std::function<void(grpc::ServerContext*, Request*, grpc::ServerAsyncResponseWriter<Response>*,
                                 grpc::CompletionQueue*, grpc::ServerCompletionQueue*, void* tag)>;
  // Takes a call that came. On the queue's thread; the call may be finished here or later.
  using Handle = std::function<void(UnaryCall*)>;

  // Has all calls of a method handled, from now until the server is shut down, which must be built. The queue, and what
  // `ask` and `handle` use, must outlive the calls. Who does not ask whether they are cancelled spares an event of
  // each.
  static void Serve(CallQueue& queue, Ask ask, Handle handle, bool watches_cancel = false) {
    const auto method =
        std::make_shared<const Method>(Method{queue, std::move(ask), std::move(handle), watches_cancel});
    for (int i = 0; i < kAsked; ++i) new UnaryCall(method);  // gRPC gives them back
  }

  const Request& request() const { return request_; }
  Response& response() { return response_; }
  // Whether nobody waits for the answer, where that is watched. Not after Finish.
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

  // Ends the call, with the response if the status is OK. Once, on any thread; the call may be gone when it returns.
  void Finish(const grpc::Status& status) {
    order_.Before();
    if (status.ok()) {
      responder_.Finish(response_, status, &finished_);
    } else {
      responder_.FinishWithError(status, &finished_);
    }
  }

 private:
  // How many gRPC may begin before it is asked again: calls that come together.
  static constexpr int kAsked = 16;

  struct Method {
    CallQueue& queue;
    Ask ask;
    Handle handle;
    bool watches_cancel;
  };

  explicit UnaryCall(std::shared_ptr<const Method> method)
      : QueuedCall(method->queue, method->watches_cancel ? 2 : 1), method_(std::move(method)) {
    if (method_->watches_cancel) context_.AsyncNotifyWhenDone(&done_);
    order_.Before();
    method_->ask(&context_, &request_, &responder_, queue_.get(), queue_.get(), &come_);
  }

  void OnCome(bool ok) {
    if (!Come(ok)) return;
    new UnaryCall(method_);
    method_->handle(this);
  }
  // Comes when the client is gone, and at the end of every call.
  void OnDone(bool) {
    order_.After();
    if (context_.IsCancelled()) cancelled_.store(true, std::memory_order_relaxed);
    if (WasLastEvent()) End();
  }
  void OnFinished(bool) {
    order_.After();
    if (WasLastEvent()) End();
  }

  const std::shared_ptr<const Method> method_;
  std::atomic<bool> cancelled_ = false;
  Request request_;
  Response response_;
  grpc::ServerAsyncResponseWriter<Response> responder_{&context_};
  MemberEvent<UnaryCall> come_{this, &UnaryCall::OnCome};
  MemberEvent<UnaryCall> done_{this, &UnaryCall::OnDone};
  MemberEvent<UnaryCall> finished_{this, &UnaryCall::OnFinished};
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_UNARY_CALL_H_
