// A unary call whose request is small and is parsed here, so that what cannot be read is refused as everything else is:
// with a reason, and counted.

#ifndef EVENTLOG_SVC_RPC_QUERY_CALL_H_
#define EVENTLOG_SVC_RPC_QUERY_CALL_H_

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "eventlog-svc/rpc/call_queue.h"
#include "eventlog-svc/rpc/grpc_status.h"
#include "eventlog-svc/rpc/request_parser.h"
#include "eventlog-svc/rpc/unary_call.h"
#include "eventlog-svc/rpc/wire_messages.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/status.h"

namespace eventlog {

// Belongs to itself until Finish.
template <typename Request, typename Response>
class QueryCall {
 public:
  using Raw = UnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>;
  // As UnaryCall::Handle.
  using Handle = std::function<void(QueryCall*)>;
  // Told of the requests that cannot be read. On the queue's thread.
  using OnError = std::function<void(const absl::Status&)>;

  // As UnaryCall::Serve.
  static void Serve(CallQueue& queue, Raw::Ask ask, Handle handle, OnError on_error) {
    Raw::Serve(queue, std::move(ask), [handle = std::move(handle), on_error = std::move(on_error)](Raw* raw) {
      std::unique_ptr<QueryCall> call(new QueryCall(raw));
      const absl::Status parsed = ParseQuery(raw->request(), call->request_);
      if (parsed.ok()) return handle(call.release());  // it goes with Finish
      on_error(parsed);
      raw->Finish(ToGrpcStatus(parsed));
    });
  }

  const Request& request() const { return request_; }
  Response& response() { return response_; }

  // Ends the call, with the response if the status is OK. Once, on any thread; the call is gone when it returns.
  void Finish(const grpc::Status& status) {
    if (status.ok()) raw_->response() = ToBuffer(response_);
    Raw* const raw = raw_;
    delete this;
    raw->Finish(status);
  }

 private:
  explicit QueryCall(Raw* raw) : raw_(raw) {}

  Raw* const raw_;
  Request request_;
  Response response_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_QUERY_CALL_H_
