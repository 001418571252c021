#include "producers/cli/tail_cursor.h"

#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/channel.h"
#include "gmock/gmock.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"
#include "tests/support/fake_event_log.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::HasSubstr;

grpc::Status GrpcError(grpc::StatusCode code, absl::string_view reason) {
  return {code, std::string(reason), RpcError(code, reason).SerializeAsString()};
}

// Cursors of one log, and a subscription that begins at 7 wherever it is asked to.
class FakeCursors : public v1::Cursors::Service, public v1::EventLog::Service {
 public:
  FakeCursors() { Start(); }
  void Start() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(absl::StrCat("127.0.0.1:", port_), grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(static_cast<v1::Cursors::Service*>(this));
    builder.RegisterService(static_cast<v1::EventLog::Service*>(this));
    server_ = builder.BuildAndStart();
  }
  void Stop() { server_.reset(); }
  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

  grpc::Status GetCursor(grpc::ServerContext*, const v1::GetCursorRequest* request, v1::Cursor* cursor) override {
    absl::MutexLock lock(&mutex_);
    const auto found = cursors_.find(request->cursor());
    if (found == cursors_.end()) return GrpcError(grpc::StatusCode::NOT_FOUND, "CURSOR_NOT_FOUND");
    *cursor = found->second;
    return grpc::Status::OK;
  }
  grpc::Status CommitCursor(grpc::ServerContext*, const v1::CommitCursorRequest* request, v1::Cursor*) override {
    absl::MutexLock lock(&mutex_);
    v1::Cursor& cursor = cursors_[request->cursor()];
    if (cursor.generation() != request->generation()) {
      return GrpcError(grpc::StatusCode::FAILED_PRECONDITION, "CURSOR_FENCED");
    }
    cursor.set_next_offset(request->next_offset());
    return grpc::Status::OK;
  }
  grpc::Status Subscribe(grpc::ServerContext*, const v1::SubscribeRequest*,
                         grpc::ServerWriter<v1::SubscribeResponse>* writer) override {
    v1::SubscribeResponse message;
    message.mutable_started()->set_next_offset(7);
    writer->Write(message);
    return grpc::Status::OK;
  }

  v1::Cursor cursor() {
    absl::MutexLock lock(&mutex_);
    return cursors_["c"];
  }
  void SetCursor(int64_t next_offset, int64_t generation) {
    absl::MutexLock lock(&mutex_);
    cursors_["c"].set_next_offset(next_offset);
    cursors_["c"].set_generation(generation);
  }

 private:
  absl::Mutex mutex_;
  std::map<std::string, v1::Cursor> cursors_ ABSL_GUARDED_BY(mutex_);
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

class TailCursorTest : public testing::Test {
 protected:
  absl::Status Take(absl::Time deadline = absl::InfiniteFuture()) {
    return cursor_.Take(request_, deadline, [this](const absl::Status&) { ++waits_; });
  }

  FakeCursors fake_;
  const std::shared_ptr<grpc::Channel> channel_ = NewChannel(fake_.address());
  TailCursor cursor_{channel_, "", "c"};
  v1::SubscribeRequest request_;
  int waits_ = 0;
};

TEST_F(TailCursorTest, OneThatIsThereIsWhereItBegins) {
  fake_.SetCursor(3, 0);
  request_.mutable_earliest();
  EXPECT_THAT(Take(), IsOk());
  EXPECT_EQ(request_.cursor(), "c");
  EXPECT_EQ(fake_.cursor().next_offset(), 3);
}

TEST_F(TailCursorTest, OneThatIsNotThereIsMadeWhereTheRequestBegins) {
  request_.mutable_earliest();
  EXPECT_THAT(Take(), IsOk());
  EXPECT_EQ(request_.cursor(), "c");
  EXPECT_EQ(fake_.cursor().next_offset(), 7);
}

TEST_F(TailCursorTest, WhatWasPrintedIsCommittedUnderItsGeneration) {
  fake_.SetCursor(0, 5);
  cursor_.SetGeneration(5);
  EXPECT_THAT(cursor_.Commit(9), IsOk());
  EXPECT_EQ(fake_.cursor().next_offset(), 9);
  fake_.SetCursor(9, 6);
  EXPECT_THAT(cursor_.Confirm(), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(cursor_.Commit(10), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(cursor_.Finish(absl::Seconds(60)), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(fake_.cursor().next_offset(), 9);
}

TEST_F(TailCursorTest, WhatCouldNotBeCommittedGoesWithTheNextOrTheLastCall) {
  fake_.SetCursor(0, 0);
  fake_.Stop();
  EXPECT_THAT(cursor_.Commit(9), IsOk());
  EXPECT_THAT(cursor_.Finish(absl::ZeroDuration()), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("offset 9")));
  fake_.Start();
  ASSERT_TRUE(channel_->WaitForConnected(absl::ToChronoTime(absl::Now() + absl::Seconds(60))));
  EXPECT_THAT(cursor_.Finish(absl::Seconds(60)), IsOk());
  EXPECT_EQ(fake_.cursor().next_offset(), 9);
}

TEST_F(TailCursorTest, TakingWaitsForTheServiceUntilItsDeadline) {
  fake_.Stop();
  EXPECT_THAT(Take(absl::Now()), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(waits_, 0);
  request_.mutable_earliest();
  const absl::Status taken = cursor_.Take(request_, absl::InfiniteFuture(), [this](const absl::Status&) {
    if (waits_++ == 0) fake_.Start();
  });
  EXPECT_THAT(taken, IsOk());
  EXPECT_GT(waits_, 0);
  EXPECT_EQ(fake_.cursor().next_offset(), 7);
}

TEST_F(TailCursorTest, CancelEndsTheWait) {
  fake_.Stop();
  EXPECT_THAT(cursor_.Take(request_, absl::InfiniteFuture(), [this](const absl::Status&) { cursor_.Cancel(); }),
              StatusIs(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace eventlog
