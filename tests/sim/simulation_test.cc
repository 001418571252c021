#include "tests/sim/simulation.h"

#include <cstdint>
#include <iostream>
#include <map>
#include <set>
#include <string>

#include "absl/time/clock.h"
#include "glog/logging.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

constexpr uint64_t kSeeds = 3'000;

class SimulationTest : public testing::Test {
 protected:
  // Each of thousands of broken disks has something to say.
  SimulationTest() { FLAGS_minloglevel = google::GLOG_FATAL; }
};

TEST_F(SimulationTest, EveryPromiseIsKept) {
  const absl::Time begin = absl::Now();
  int64_t steps = 0, restarts = 0;
  std::map<std::string, int64_t> counts;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Simulation simulation(seed);
    ASSERT_THAT(simulation.Run(), IsOk())
        << "bazel run //tests/sim -- --first_seed " << seed << " --seeds 1 shows each step";
    steps += simulation.steps();
    restarts += simulation.restarts();
    for (const auto& [what, count] : simulation.counts()) counts[what] += count;
  }
  std::cout << kSeeds << " seeds, " << steps << " steps, " << restarts << " restarts in " << absl::Now() - begin
            << "\n";
  for (const char* const what : {"a repeat",
                                 "clock jump",
                                 "failed sync",
                                 "retry across a lost acknowledgement",
                                 "trimmed under a reader",
                                 "done",
                                 "closed",
                                 "failed opening",
                                 "power cut",
                                 "process killed",
                                 "stopped",
                                 "trimmed",
                                 "log created",
                                 "log removed",
                                 "batches lost that nobody counts on",
                                 "CURSOR_FENCED",
                                 "CURSOR_NOT_FOUND",
                                 "DISK_FULL",
                                 "OFFSET_MISMATCH",
                                 "OFFSET_OUT_OF_RANGE",
                                 "PRIOR_APPEND_FAILED",
                                 "PRODUCER_FENCED",
                                 "SEQUENCE_GAP",
                                 "STORAGE_FAILED"}) {
    EXPECT_GT(counts[what], 100) << what << " hardly happens any more";
  }
}

TEST_F(SimulationTest, ASeedGivesTheSameLifeEachTimeAndNoOtherDoes) {
  std::set<uint64_t> hashes;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    Simulation first(seed), second(seed);
    ASSERT_THAT(first.Run(), IsOk());
    ASSERT_THAT(second.Run(), IsOk());
    EXPECT_EQ(first.trace_hash(), second.trace_hash());
    EXPECT_TRUE(hashes.insert(first.trace_hash()).second) << "seed " << seed << " gives the life of another";
  }
}

}  // namespace
}  // namespace eventlog
