#include "eventlog-svc/rpc/call_queue.h"

#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "grpc/support/time.h"
#include "grpcpp/alarm.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

struct Heard {
  bool ok = false;
  std::thread::id thread;
};

class Listener {
 public:
  void OnFirst(bool ok) {
    OnEvent(ok);
    first.Notify();
  }
  void OnEvent(bool ok) { heard.push_back({ok, std::this_thread::get_id()}); }
  void OnLast(bool) { last.Notify(); }

  std::vector<Heard> heard;
  absl::Notification first;
  absl::Notification last;
};

TEST(CallQueueTest, EventsAreHeardInTheirOrderOnOneThread) {
  Listener listener;
  MemberEvent<Listener> first(&listener, &Listener::OnFirst);
  MemberEvent<Listener> event(&listener, &Listener::OnEvent);
  MemberEvent<Listener> last(&listener, &Listener::OnLast);
  grpc::ServerBuilder builder;
  CallQueue queue(builder.AddCompletionQueue());
  grpc::Alarm now, never, end;
  never.Set(queue.get(), gpr_inf_future(GPR_CLOCK_MONOTONIC), static_cast<CallEvent*>(&event));
  now.Set(queue.get(), gpr_now(GPR_CLOCK_MONOTONIC), static_cast<CallEvent*>(&first));
  listener.first.WaitForNotification();
  never.Cancel();
  end.Set(queue.get(), gpr_now(GPR_CLOCK_MONOTONIC), static_cast<CallEvent*>(&last));
  listener.last.WaitForNotification();
  ASSERT_EQ(listener.heard.size(), 2);
  EXPECT_TRUE(listener.heard[0].ok);
  EXPECT_FALSE(listener.heard[1].ok) << "a cancelled alarm";
  EXPECT_EQ(listener.heard[0].thread, listener.heard[1].thread);
  EXPECT_NE(listener.heard[0].thread, std::this_thread::get_id());
}

TEST(CallQueueTest, WhatIsLeftIsHeardBeforeItGoes) {
  Listener listener;
  MemberEvent<Listener> event(&listener, &Listener::OnEvent);
  grpc::Alarm never;
  {
    grpc::ServerBuilder builder;
    CallQueue queue(builder.AddCompletionQueue());
    never.Set(queue.get(), gpr_inf_future(GPR_CLOCK_MONOTONIC), static_cast<CallEvent*>(&event));
    never.Cancel();
  }
  ASSERT_EQ(listener.heard.size(), 1);
  EXPECT_FALSE(listener.heard[0].ok);
}

}  // namespace
}  // namespace eventlog
