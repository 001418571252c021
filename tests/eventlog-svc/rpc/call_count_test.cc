#include "eventlog-svc/rpc/call_count.h"

#include <thread>

#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

TEST(CallCountTest, WaitsForTheLastCallButNotForEver) {
  CallCount calls;
  EXPECT_TRUE(calls.AwaitNone(absl::InfinitePast()));
  calls.Begin();
  calls.Begin();
  calls.End();
  EXPECT_FALSE(calls.AwaitNone(absl::Now() + absl::Milliseconds(1)));
  std::thread last([&] { calls.End(); });
  EXPECT_TRUE(calls.AwaitNone(absl::InfiniteFuture()));
  last.join();
}

}  // namespace
}  // namespace eventlog
