#include "eventlog-svc/engine/local_engine.h"

#include <memory>

#include "eventlog-svc/engine/memory/memory_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/log_driver.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

// The epoch tells the logs apart.
std::unique_ptr<CommitLog> NewLog() {
  CommitLogOptions options;
  options.name = "events";
  options.durability = Durability::kMemory;
  return std::make_unique<CommitLog>(std::move(options), std::make_unique<MemoryStore>("0123456789abcdef", 1 << 20),
                                     ProducerTable({}));
}

TEST(LocalEngineTest, SaysItsNameAndWhatItCan) {
  Capabilities capabilities;
  capabilities.survives_restart = true;
  LocalEngine engine("embedded", capabilities, NewLog());
  EXPECT_EQ(engine.name(), "embedded");
  EXPECT_TRUE(engine.capabilities().survives_restart);
  EXPECT_THAT(engine.health(), IsOk());
}

TEST(LocalEngineTest, FindsItsLogAndRefusesOthersByName) {
  LocalEngine engine("memory", Capabilities(), NewLog());
  const absl::StatusOr<Log*> log = engine.FindLog("");
  ASSERT_THAT(log, IsOk());
  EXPECT_THAT(engine.FindLog("events"), IsOkAndHolds(*log));
  EXPECT_THAT(engine.FindLog("Events"),
              testing::AllOf(StatusIs(absl::StatusCode::kNotFound, testing::HasSubstr("\"Events\"")),
                             HasReason("LOG_NOT_FOUND")));
}

TEST(LocalEngineTest, ResourcesAreLetGoAfterTheLogIsClosed) {
  PendingAppend pending;
  bool answered_before = false;
  {
    std::shared_ptr<void> lock(new int(0), [&](void* held) {
      answered_before = pending.answered();
      delete static_cast<int*>(held);
    });
    LocalEngine engine("memory", Capabilities(), NewLog(), std::move(lock));
    engine.logs().at(0)->Append(MakeBatch({"a"}), pending.callback());
  }
  EXPECT_THAT(pending.Wait(), IsOk());
  EXPECT_TRUE(answered_before);
}

}  // namespace
}  // namespace eventlog
