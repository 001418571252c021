#include "eventlog-svc/rpc/worked_stream.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "eventlog-svc/client/rpc_error.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"
#include "proto/eventlog/v1/log_admin.grpc.pb.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

// Long work, that asks now and then whether it is still wanted: it never ends by itself.
class EndlessStream : public WorkedStream<v1::VerifyLogResponse> {
 public:
  EndlessStream(const WorkedStreams& shared, absl::Notification& begun) : WorkedStream(shared), begun_(begun) {}

 protected:
  absl::StatusOr<bool> Next(v1::VerifyLogResponse&) override {
    begun_.Notify();
    while (!stopped()) std::this_thread::yield();
    return absl::CancelledError("nobody wants it");
  }

 private:
  absl::Notification& begun_;
};

// One message after the other, each larger than what a client that does not read has room for.
class LargeStream : public WorkedStream<v1::VerifyLogResponse> {
 public:
  LargeStream(const WorkedStreams& shared, absl::Notification& begun, absl::Notification& gone)
      : WorkedStream(shared), begun_(begun), gone_(gone) {}
  ~LargeStream() override { gone_.Notify(); }

 protected:
  absl::StatusOr<bool> Next(v1::VerifyLogResponse& response) override {
    response.mutable_segment()->set_file(std::string(3 << 20, 'x'));
    if (!begun_.HasBeenNotified()) begun_.Notify();
    return true;
  }

 private:
  absl::Notification& begun_;
  absl::Notification& gone_;
};

// One message.
class ShortStream : public WorkedStream<v1::VerifyLogResponse> {
 public:
  using WorkedStream::WorkedStream;

 protected:
  absl::StatusOr<bool> Next(v1::VerifyLogResponse& response) override {
    response.mutable_summary();
    return false;
  }
};

// VerifyLog of the logs "endless" and "large" never ends by itself, of any other at once.
class WorkedStreamTest : public testing::Test, public v1::LogAdmin::CallbackService {
 protected:
  WorkedStreamTest() {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
    stub_ = v1::LogAdmin::NewStub(
        grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials()));
  }
  ~WorkedStreamTest() override {
    server_->Shutdown();
    server_->Wait();
  }

  // Behind the lock that each call has taken: the sanitizer does not see that the server's end waits for them.
  void TearDown() override {
    pool_.Submit([] {});
  }

  grpc::ServerWriteReactor<v1::VerifyLogResponse>* VerifyLog(grpc::CallbackServerContext*,
                                                             const v1::VerifyLogRequest* request) override {
    WorkedStream<v1::VerifyLogResponse>* stream;
    if (request->log() == "endless") {
      stream = new EndlessStream(shared_, begun_);
    } else if (request->log() == "large") {
      stream = new LargeStream(shared_, begun_, gone_);
    } else {
      stream = new ShortStream(shared_);
    }
    stream->Start();
    return stream;
  }
  std::unique_ptr<grpc::ClientReader<v1::VerifyLogResponse>> Call(grpc::ClientContext& context,
                                                                  const std::string& log) {
    v1::VerifyLogRequest request;
    request.set_log(log);
    return stub_->VerifyLog(&context, request);
  }

  absl::Notification begun_;
  absl::Notification gone_;
  std::atomic<bool> draining_ = false;
  // On the one thread of the pool, or before the calls of the test have ended.
  std::vector<std::string> errors_;
  WorkerPool pool_{1, 4};
  const WorkedStreams shared_{pool_, draining_,
                              [this](const absl::Status& status) { errors_.push_back(ErrorReason(status)); }};
  std::unique_ptr<v1::LogAdmin::Stub> stub_;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(WorkedStreamTest, ACancelledCallEndsItsWorkAndIsNoError) {
  grpc::ClientContext context;
  const auto reader = Call(context, "endless");
  begun_.WaitForNotification();
  context.TryCancel();
  EXPECT_THAT(FromGrpcStatus(reader->Finish()), StatusIs(absl::StatusCode::kCancelled));
  // The thread is free for the next one.
  grpc::ClientContext next_context;
  const auto next = Call(next_context, "short");
  v1::VerifyLogResponse message;
  EXPECT_TRUE(next->Read(&message));
  EXPECT_THAT(FromGrpcStatus(next->Finish()), IsOk());
  EXPECT_THAT(errors_, testing::IsEmpty());
}

// The write that is under way fails; nothing else would end the call.
TEST_F(WorkedStreamTest, ACancelledCallEndsWhileItsClientDoesNotRead) {
  grpc::ClientContext context;
  const auto reader = Call(context, "large");
  begun_.WaitForNotification();
  context.TryCancel();
  EXPECT_THAT(FromGrpcStatus(reader->Finish()), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_TRUE(gone_.WaitForNotificationWithTimeout(absl::Seconds(30)));
  EXPECT_THAT(errors_, testing::IsEmpty());
}

TEST_F(WorkedStreamTest, DrainEndsWorkUnderWay) {
  grpc::ClientContext context;
  const auto reader = Call(context, "endless");
  begun_.WaitForNotification();
  draining_ = true;
  const absl::Status status = FromGrpcStatus(reader->Finish());
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ("DRAINING", RpcErrorReason(status));
  EXPECT_THAT(errors_, testing::ElementsAre("DRAINING"));
}

}  // namespace
}  // namespace eventlog
