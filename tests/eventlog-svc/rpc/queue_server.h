// A gRPC server of one service that is answered over a call queue, on a free port of the loopback.

#ifndef TESTS_EVENTLOG_SVC_RPC_QUEUE_SERVER_H_
#define TESTS_EVENTLOG_SVC_RPC_QUEUE_SERVER_H_

#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "eventlog-svc/rpc/call_queue.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"

namespace eventlog {

// The service must outlive it.
class QueueServer {
 public:
  // The channel is made with these arguments.
  explicit QueueServer(grpc::Service& service, const grpc::ChannelArguments& arguments = {}) {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service);
    queue_ = std::make_unique<CallQueue>(builder.AddCompletionQueue());
    server_ = builder.BuildAndStart();
    channel_ =
        grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials(), arguments);
  }
  ~QueueServer() { Stop(); }

  CallQueue& queue() { return *queue_; }
  const std::shared_ptr<grpc::Channel>& channel() { return channel_; }

  // Cancels the calls that are under way, and waits for them. May be called twice.
  void Stop() {
    server_->Shutdown(absl::ToChronoTime(absl::Now()));
    server_->Wait();
    queue_.reset();
  }

 private:
  std::unique_ptr<CallQueue> queue_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace eventlog

#endif  // TESTS_EVENTLOG_SVC_RPC_QUEUE_SERVER_H_
