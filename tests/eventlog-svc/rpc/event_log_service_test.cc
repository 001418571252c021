#include "eventlog-svc/rpc/event_log_service.h"

#include <string>
#include <thread>
#include <vector>

#include "eventlog-svc/engine/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/conformance/live_service.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(ErrorCounterTest, RefusalsAreCountedByReason) {
  ErrorCounter errors;
  errors.Count(Error(absl::StatusCode::kInvalidArgument, "EMPTY_APPEND", ""));
  errors.Count(Error(absl::StatusCode::kInvalidArgument, "EMPTY_APPEND", ""));
  errors.Count(absl::InternalError("no reason"));
  EXPECT_THAT(errors.counts(), ElementsAre(Pair("EMPTY_APPEND", 2), Pair("OTHER", 1)));
}

TEST(EventLogServiceTest, ConcurrentAppendsGetOffsetsOfTheirOwn) {
  LiveService service("memory");
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) ASSERT_THAT(service.Append({"x", "y"}), IsOk());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(service.Stats().head_offset(), 1600);
}

TEST(EventLogServiceTest, ReadsFromManyThreadsSeeOneLog) {
  LiveService service("memory");
  ASSERT_THAT(service.Append({"a", "b", "c"}), IsOk());
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) ASSERT_EQ(service.Read({})->records_size(), 3);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace eventlog
