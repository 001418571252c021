#include "eventlog-svc/rpc/unary_call.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "eventlog-svc/client/rpc_error.h"
#include "gtest/gtest.h"
#include "proto/eventlog/v1/cursors.grpc.pb.h"
#include "tests/eventlog-svc/rpc/queue_server.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using GetCall = UnaryCall<v1::GetCursorRequest, v1::Cursor>;

// GetCursor is answered as the test says.
class UnaryCallTest : public testing::Test {
 protected:
  void Serve(GetCall::Handle handle, bool watches_cancel = false) {
    GetCall::Serve(
        server_.queue(), [this](auto... arguments) { service_.RequestGetCursor(arguments...); }, std::move(handle),
        watches_cancel);
  }
  absl::Status Get(const std::string& name, v1::Cursor& cursor) {
    grpc::ClientContext context;
    return Get(name, cursor, context);
  }
  absl::Status Get(const std::string& name, v1::Cursor& cursor, grpc::ClientContext& context) {
    v1::GetCursorRequest request;
    request.set_cursor(name);
    return FromGrpcStatus(v1::Cursors::NewStub(server_.channel())->GetCursor(&context, request, &cursor));
  }

  v1::Cursors::AsyncService service_;
  QueueServer server_{service_};
};

TEST_F(UnaryCallTest, IsAnsweredOnTheQueuesThreadOrLaterOnAnother) {
  absl::Notification came;
  GetCall* waiting = nullptr;
  Serve([&](GetCall* call) {
    call->response().set_cursor("of " + call->request().cursor());
    if (call->request().cursor() == "now") return call->Finish(grpc::Status::OK);
    waiting = call;
    came.Notify();
  });
  std::thread other([&] {
    came.WaitForNotification();
    waiting->Finish(grpc::Status::OK);
  });
  v1::Cursor cursor;
  EXPECT_THAT(Get("now", cursor), IsOk());
  EXPECT_EQ(cursor.cursor(), "of now");
  EXPECT_THAT(Get("later", cursor), IsOk());
  EXPECT_EQ(cursor.cursor(), "of later");
  other.join();
}

TEST_F(UnaryCallTest, AnErrorIsGivenWithoutTheResponse) {
  Serve([](GetCall* call) {
    call->response().set_cursor("not to be seen");
    call->Finish({grpc::StatusCode::ABORTED, "so it is"});
  });
  v1::Cursor cursor;
  EXPECT_THAT(Get("x", cursor), StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(cursor.cursor(), "");
}

// More than gRPC is asked for at the start, and all at once.
TEST_F(UnaryCallTest, ManyWaitSideBySideAndAreCounted) {
  constexpr int kCalls = 100;
  std::vector<GetCall*> waiting;
  std::atomic<int> answered = 0;
  absl::Notification all_came;
  Serve([&](GetCall* call) {
    waiting.push_back(call);
    if (waiting.size() == kCalls) all_came.Notify();
  });
  std::vector<std::thread> clients;
  for (int i = 0; i < kCalls; ++i) {
    clients.emplace_back([&] {
      v1::Cursor cursor;
      if (Get("x", cursor).ok()) ++answered;
    });
  }
  all_came.WaitForNotification();
  EXPECT_FALSE(server_.queue().calls().AwaitNone(absl::InfinitePast()));
  for (GetCall* const call : waiting) call->Finish(grpc::Status::OK);
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(answered, kCalls);
  EXPECT_TRUE(server_.queue().calls().AwaitNone(absl::InfiniteFuture()));
}

TEST_F(UnaryCallTest, OneThatIsWatchedKnowsThatItsClientIsGone) {
  absl::Notification came;
  GetCall* waiting = nullptr;
  Serve(
      [&](GetCall* call) {
        EXPECT_FALSE(call->cancelled());
        waiting = call;
        came.Notify();
      },
      /*watches_cancel=*/true);
  grpc::ClientContext context;
  std::thread client([&] {
    v1::Cursor cursor;
    EXPECT_THAT(Get("x", cursor, context), StatusIs(absl::StatusCode::kCancelled));
  });
  came.WaitForNotification();
  context.TryCancel();
  while (!waiting->cancelled()) std::this_thread::yield();
  waiting->Finish(grpc::Status::CANCELLED);
  client.join();
  EXPECT_TRUE(server_.queue().calls().AwaitNone(absl::InfiniteFuture()));
}

}  // namespace
}  // namespace eventlog
