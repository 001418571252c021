#include "eventlog-svc/engine/memory/memory_engine.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/eventlog-svc/engine/engine_suite.h"
#include "tests/support/log_driver.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

INSTANTIATE_TEST_SUITE_P(Memory, EngineTest,
                         testing::Values(EngineParam{"memory", Durability::kMemory,
                                                     [](const CommitLogOptions& commit) {
                                                       MemoryEngineOptions options;
                                                       options.commit = commit;
                                                       return NewMemoryEngine(options);
                                                     }}),
                         [](const auto& info) { return info.param.name; });

TEST(MemoryEngineTest, SaysThatNothingSurvives) {
  const std::unique_ptr<LocalEngine> engine = NewMemoryEngine({});
  EXPECT_EQ(engine->name(), "memory");
  EXPECT_FALSE(engine->capabilities().survives_restart);
  EXPECT_EQ(engine->capabilities().durability_max, Durability::kMemory);
}

TEST(MemoryEngineTest, FsyncIsRefusedAndNotLowered) {
  const std::unique_ptr<LocalEngine> engine = NewMemoryEngine({});
  AppendBatch batch = MakeBatch({"a"});
  batch.durability = Durability::kFsync;
  EXPECT_THAT(Append(*engine->logs().at(0), std::move(batch)),
              testing::AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), HasReason("DURABILITY_UNSUPPORTED")));
}

TEST(MemoryEngineTest, TheBytesAreBoundedAndTheRestIsTrimmed) {
  MemoryEngineOptions options;
  options.bytes_max = 10'000;
  const std::unique_ptr<LocalEngine> engine = NewMemoryEngine(options);
  Log& log = *engine->logs().at(0);
  for (int i = 0; i < 100; ++i) ASSERT_THAT(Append(log, MakeBatch({std::string(300, 'x')})), IsOk());
  EXPECT_LE(log.size().byte_count, 10'000);
  EXPECT_EQ(log.bounds().head_offset, 100);
  EXPECT_GT(log.bounds().start_offset, 0);
  EXPECT_EQ(static_cast<int64_t>(ReadAll(log).size()), 100 - log.bounds().start_offset);
}

TEST(MemoryEngineTest, EachLifeHasItsOwnEpoch) {
  EXPECT_NE(NewMemoryEngine({})->logs().at(0)->epoch(), NewMemoryEngine({})->logs().at(0)->epoch());
}

}  // namespace
}  // namespace eventlog
