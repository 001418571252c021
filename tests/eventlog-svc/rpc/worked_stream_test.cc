#include "eventlog-svc/rpc/worked_stream.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "eventlog-svc/client/rpc_error.h"
#include "eventlog-svc/rpc/request_parser.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/eventlog/v1/log_admin.grpc.pb.h"
#include "tests/eventlog-svc/rpc/queue_server.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using VerifyLogStream = WorkedStream<v1::VerifyLogResponse>;

// Long work, that asks now and then whether it is still wanted: it never ends by itself.
class EndlessStream : public VerifyLogStream {
 public:
  EndlessStream(Call* call, const WorkedStreams& shared, absl::Notification& begun)
      : WorkedStream(call, shared), begun_(begun) {}

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
class LargeStream : public VerifyLogStream {
 public:
  LargeStream(Call* call, const WorkedStreams& shared, absl::Notification& begun, absl::Notification& gone,
              std::thread::id& deleter)
      : WorkedStream(call, shared), begun_(begun), gone_(gone), deleter_(deleter) {}
  ~LargeStream() override {
    deleter_ = std::this_thread::get_id();
    gone_.Notify();
  }

 protected:
  absl::StatusOr<bool> Next(v1::VerifyLogResponse& response) override {
    response.mutable_segment()->set_file(std::string(3 << 20, 'x'));
    if (!begun_.HasBeenNotified()) begun_.Notify();
    return true;
  }

 private:
  absl::Notification& begun_;
  absl::Notification& gone_;
  std::thread::id& deleter_;
};

// One message.
class ShortStream : public VerifyLogStream {
 public:
  using WorkedStream::WorkedStream;

 protected:
  absl::StatusOr<bool> Next(v1::VerifyLogResponse& response) override {
    response.mutable_summary();
    return false;
  }
};

// VerifyLog of the logs "endless" and "large" never ends by itself, of any other at once.
class WorkedStreamTest : public testing::Test {
 protected:
  WorkedStreamTest() {
    VerifyLogStream::Call::Serve(
        server_.queue(), [this](auto... arguments) { service_.RequestVerifyLog(arguments...); },
        [this](VerifyLogStream::Call* call) { Start(call); });
  }

  void Start(VerifyLogStream::Call* call) {
    v1::VerifyLogRequest request;
    ASSERT_THAT(ParseQuery(call->request(), request), IsOk());
    VerifyLogStream* stream;
    if (request.log() == "endless") {
      stream = new EndlessStream(call, shared_, begun_);
    } else if (request.log() == "large") {
      stream = new LargeStream(call, shared_, begun_, gone_, deleter_);
    } else {
      stream = new ShortStream(call, shared_);
    }
    stream->Start();
  }
  std::unique_ptr<grpc::ClientReader<v1::VerifyLogResponse>> Call(grpc::ClientContext& context,
                                                                  const std::string& log) {
    v1::VerifyLogRequest request;
    request.set_log(log);
    return stub_->VerifyLog(&context, request);
  }

  absl::Notification begun_;
  absl::Notification gone_;
  std::thread::id deleter_;
  std::atomic<bool> draining_ = false;
  // On the one thread of the pool, or before the calls of the test have ended.
  std::vector<std::string> errors_;
  WorkerPool pool_{1, 4};
  const WorkedStreams shared_{pool_, draining_,
                              [this](const absl::Status& status) { errors_.push_back(ErrorReason(status)); }};
  v1::LogAdmin::WithRawMethod_VerifyLog<v1::LogAdmin::Service> service_;
  QueueServer server_{service_};
  const std::unique_ptr<v1::LogAdmin::Stub> stub_ = v1::LogAdmin::NewStub(server_.channel());
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

// It may close files; the queue's thread must not wait for the disk.
TEST_F(WorkedStreamTest, WhatAStreamHoldsIsFreedOnAWorkersThread) {
  std::thread::id worker;
  absl::Notification known;
  ASSERT_TRUE(pool_.Submit([&] {
    worker = std::this_thread::get_id();
    known.Notify();
  }));
  known.WaitForNotification();
  grpc::ClientContext context;
  const auto reader = Call(context, "large");
  begun_.WaitForNotification();
  context.TryCancel();
  (void)reader->Finish();
  gone_.WaitForNotification();
  EXPECT_EQ(deleter_, worker);
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
