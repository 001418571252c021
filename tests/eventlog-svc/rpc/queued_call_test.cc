#include "eventlog-svc/rpc/queued_call.h"

#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

class TestCall : public QueuedCall {
 public:
  TestCall(CallQueue& queue, int events, bool& gone) : QueuedCall(queue, events), gone_(gone) {}
  ~TestCall() override { gone_ = true; }

  using QueuedCall::Come;
  using QueuedCall::End;
  using QueuedCall::WasLastEvent;

 private:
  bool& gone_;
};

bool HasNone(const CallCount& count) { return count.AwaitNone(absl::InfinitePast()); }

class QueuedCallTest : public testing::Test {
 protected:
  grpc::ServerBuilder builder_;
  CallQueue queue_{builder_.AddCompletionQueue()};
  bool gone_ = false;
};

TEST_F(QueuedCallTest, IsCountedFromWhereItIsAskedForToItsLastEvent) {
  auto* const call = new TestCall(queue_, 2, gone_);
  EXPECT_FALSE(HasNone(queue_.users()));
  EXPECT_TRUE(HasNone(queue_.calls())) << "it has not come";
  EXPECT_TRUE(call->Come(true));
  EXPECT_FALSE(HasNone(queue_.calls()));
  EXPECT_FALSE(call->WasLastEvent());
  EXPECT_TRUE(call->WasLastEvent());
  call->End();
  EXPECT_TRUE(gone_);
  EXPECT_TRUE(HasNone(queue_.calls()));
  EXPECT_TRUE(HasNone(queue_.users()));
}

TEST_F(QueuedCallTest, OneThatNeverComesGoesUncounted) {
  EXPECT_FALSE((new TestCall(queue_, 2, gone_))->Come(false));
  EXPECT_TRUE(gone_);
  EXPECT_TRUE(HasNone(queue_.calls()));
  EXPECT_TRUE(HasNone(queue_.users()));
}

}  // namespace
}  // namespace eventlog
