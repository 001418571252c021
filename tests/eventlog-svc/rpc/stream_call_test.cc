#include "eventlog-svc/rpc/stream_call.h"

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "eventlog-svc/client/rpc_error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/eventlog/v1/event_log.grpc.pb.h"
#include "tests/eventlog-svc/rpc/queue_server.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using SubscribeCall = ServerStreamCall<v1::SubscribeRequest, v1::SubscribeResponse>;
using AppendCall = BidiStreamCall<v1::AppendRequest, v1::AppendStreamResponse>;

v1::SubscribeResponse Heartbeat(int64_t next_offset) {
  v1::SubscribeResponse response;
  response.mutable_heartbeat()->set_next_offset(next_offset);
  return response;
}

// Counts up, one heartbeat after the other, to `count`.
class Counter : public StreamListener {
 public:
  Counter(SubscribeCall* call, int count) : call_(call), count_(count) {
    call_->set_listener(this);
    OnWriteDone(true);
  }
  void OnWriteDone(bool ok) override {
    if (!ok) return call_->Finish(grpc::Status::CANCELLED);
    if (++written_ < count_) return call_->Write(Heartbeat(written_));
    call_->WriteAndFinish(Heartbeat(written_));
  }
  void OnDone() override { done.Notify(); }

  absl::Notification done;

 private:
  SubscribeCall* const call_;
  const int count_;
  int written_ = 0;
};

// Does nothing until it is cancelled.
class Idler : public StreamListener {
 public:
  explicit Idler(SubscribeCall* call) : call_(call) { call_->set_listener(this); }
  void OnWriteDone(bool) override {}
  void OnCancel() override { call_->Finish(grpc::Status::CANCELLED); }
  void OnDone() override { done.Notify(); }

  absl::Notification done;

 private:
  SubscribeCall* const call_;
};

// Answers each append with its number of events.
class Echo : public StreamListener {
 public:
  explicit Echo(AppendCall* call) : call_(call) {
    call_->set_listener(this);
    call_->Read(&request_);
  }
  void OnReadDone(bool ok) override {
    if (!ok) return call_->Finish(grpc::Status::OK);
    v1::AppendStreamResponse response;
    response.mutable_appended()->set_next_offset(request_.events_size());
    call_->Write(response);
  }
  void OnWriteDone(bool ok) override {
    if (!ok) return call_->Finish(grpc::Status::CANCELLED);
    call_->Read(&request_);
  }
  void OnDone() override { done.Notify(); }

  absl::Notification done;

 private:
  AppendCall* const call_;
  v1::AppendRequest request_;
};

class StreamCallTest : public testing::Test {
 protected:
  void ServeSubscribe(SubscribeCall::Handle handle) {
    SubscribeCall::Serve(
        server_.queue(), [this](auto... arguments) { service_.RequestSubscribe(arguments...); }, std::move(handle));
  }
  // A stream that has come, and is idle.
  std::unique_ptr<grpc::ClientReader<v1::SubscribeResponse>> SubscribeToIdler(grpc::ClientContext& context) {
    absl::Notification came;
    ServeSubscribe([&](SubscribeCall* call) {
      idler_ = std::make_unique<Idler>(call);
      came.Notify();
    });
    auto reader = NewStub()->Subscribe(&context, {});
    came.WaitForNotification();
    return reader;
  }
  std::unique_ptr<v1::EventLog::Stub> NewStub() { return v1::EventLog::NewStub(server_.channel()); }

  std::unique_ptr<Idler> idler_;
  v1::EventLog::AsyncService service_;
  QueueServer server_{service_};
};

TEST_F(StreamCallTest, MessagesComeInOrderAndTheLastOneEndsIt) {
  std::unique_ptr<Counter> counter;
  ServeSubscribe([&](SubscribeCall* call) {
    EXPECT_EQ(call->request().log(), "some");
    counter = std::make_unique<Counter>(call, 100);
  });
  grpc::ClientContext context;
  v1::SubscribeRequest request;
  request.set_log("some");
  const auto reader = NewStub()->Subscribe(&context, request);
  v1::SubscribeResponse response;
  for (int i = 1; i <= 100; ++i) {
    ASSERT_TRUE(reader->Read(&response));
    EXPECT_EQ(response.heartbeat().next_offset(), i);
  }
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_THAT(FromGrpcStatus(reader->Finish()), IsOk());
  counter->done.WaitForNotification();
  EXPECT_TRUE(server_.queue().calls().AwaitNone(absl::InfiniteFuture()));
}

TEST_F(StreamCallTest, ACancelledOneIsToldAndIsOverOnceItIsFinished) {
  grpc::ClientContext context;
  const auto reader = SubscribeToIdler(context);
  EXPECT_FALSE(idler_->done.HasBeenNotified());
  context.TryCancel();
  idler_->done.WaitForNotification();
  EXPECT_THAT(FromGrpcStatus(reader->Finish()), StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(StreamCallTest, TheServersEndIsACancellation) {
  grpc::ClientContext context;
  const auto reader = SubscribeToIdler(context);
  server_.Stop();
  EXPECT_TRUE(idler_->done.HasBeenNotified());
  EXPECT_FALSE(reader->Finish().ok());
}

TEST_F(StreamCallTest, OneThatIsRefusedAtOnceNeedsNoListener) {
  ServeSubscribe([&](SubscribeCall* call) { call->Finish({grpc::StatusCode::ABORTED, "no"}); });
  for (int i = 0; i < 3; ++i) {
    grpc::ClientContext context;
    const auto reader = NewStub()->Subscribe(&context, {});
    v1::SubscribeResponse response;
    EXPECT_FALSE(reader->Read(&response));
    EXPECT_THAT(FromGrpcStatus(reader->Finish()), StatusIs(absl::StatusCode::kAborted));
  }
  EXPECT_TRUE(server_.queue().calls().AwaitNone(absl::InfiniteFuture()));
}

// Asks for a message, and ends the call meanwhile.
class Impatient : public StreamListener {
 public:
  explicit Impatient(AppendCall* call) {
    call->set_listener(this);
    call->Read(&request_);
    call->Finish({grpc::StatusCode::UNAVAILABLE, "enough"});
  }
  void OnReadDone(bool) override { ++reads; }
  void OnWriteDone(bool) override {}
  void OnDone() override { done.Notify(); }

  int reads = 0;
  absl::Notification done;

 private:
  v1::AppendRequest request_;
};

TEST_F(StreamCallTest, OneThatIsFinishedWhileItReadsIsOverOnceTheReadIs) {
  struct Round {
    std::unique_ptr<Impatient> impatient;
    absl::Notification came;
  };
  std::unique_ptr<Round> round;
  AppendCall::Serve(
      server_.queue(), [this](auto... arguments) { service_.RequestAppendStream(arguments...); },
      [&](AppendCall* call) {
        round->impatient = std::make_unique<Impatient>(call);
        round->came.Notify();
      });
  for (const bool writes : {false, true}) {
    round = std::make_unique<Round>();
    grpc::ClientContext context;
    const auto stream = NewStub()->AppendStream(&context);
    if (writes) stream->Write(v1::AppendRequest());
    v1::AppendStreamResponse response;
    EXPECT_FALSE(stream->Read(&response));
    EXPECT_THAT(FromGrpcStatus(stream->Finish()), StatusIs(absl::StatusCode::kUnavailable));
    round->came.WaitForNotification();
    round->impatient->done.WaitForNotification();
    EXPECT_EQ(round->impatient->reads, 1);
  }
  EXPECT_TRUE(server_.queue().calls().AwaitNone(absl::InfiniteFuture()));
}

TEST_F(StreamCallTest, RequestsAndAnswersGoSideBySide) {
  std::unique_ptr<Echo> echo;
  AppendCall::Serve(
      server_.queue(), [this](auto... arguments) { service_.RequestAppendStream(arguments...); },
      [&](AppendCall* call) { echo = std::make_unique<Echo>(call); });
  grpc::ClientContext context;
  const auto stream = NewStub()->AppendStream(&context);
  v1::AppendRequest request;
  v1::AppendStreamResponse response;
  for (int i = 1; i <= 10; ++i) {
    request.add_events();
    ASSERT_TRUE(stream->Write(request));
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.appended().next_offset(), i);
  }
  stream->WritesDone();
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_THAT(FromGrpcStatus(stream->Finish()), IsOk());
  echo->done.WaitForNotification();
}

}  // namespace
}  // namespace eventlog
