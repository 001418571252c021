#include "eventlog-svc/rpc/grpc_order.h"

#include <atomic>
#include <thread>

#include "gtest/gtest.h"

namespace eventlog {
namespace {

// Under the thread sanitizer, which is whom it is for: `passed` alone says no order.
TEST(GrpcOrderTest, WhatWasDoneBeforeIsSeenAfter) {
  GrpcOrder order;
  std::atomic<bool> passed = false;
  int done = 0;
  std::thread other([&] {
    done = 7;
    order.Before();
    passed.store(true, std::memory_order_relaxed);
  });
  while (!passed.load(std::memory_order_relaxed)) std::this_thread::yield();
  order.After();
  EXPECT_EQ(done, 7);
  other.join();
}

}  // namespace
}  // namespace eventlog
