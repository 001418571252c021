#include "eventlog-svc/rpc/worker_pool.h"

#include <atomic>
#include <memory>

#include "absl/synchronization/barrier.h"
#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

TEST(WorkerPoolTest, WhatIsQueuedIsDoneBeforeItIsGone) {
  std::atomic<int> done = 0;
  {
    WorkerPool pool(2, 1000);
    for (int i = 0; i < 1000; ++i) {
      ASSERT_TRUE(pool.Submit([&] { ++done; }));
    }
  }
  EXPECT_EQ(done, 1000);
}

TEST(WorkerPoolTest, AFullQueueRefuses) {
  absl::Notification begun, go_on;
  std::atomic<int> done = 0;
  {
    WorkerPool pool(1, 2);
    ASSERT_TRUE(pool.Submit([&] {
      begun.Notify();
      go_on.WaitForNotification();
    }));
    begun.WaitForNotification();
    EXPECT_TRUE(pool.Submit([&] { ++done; }));
    EXPECT_TRUE(pool.Submit([&] { ++done; }));
    EXPECT_FALSE(pool.Submit([&] { ++done; }));
    go_on.Notify();
  }
  EXPECT_EQ(done, 2);
}

TEST(WorkerPoolTest, ItsThreadsWorkAtTheSameTime) {
  // Neither could pass alone.
  auto* const barrier = new absl::Barrier(2);
  const auto meet = [barrier] {
    if (barrier->Block()) delete barrier;
  };
  WorkerPool pool(2, 10);
  ASSERT_TRUE(pool.Submit(meet));
  ASSERT_TRUE(pool.Submit(meet));
}

}  // namespace
}  // namespace eventlog
