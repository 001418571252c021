#include "tests/sim/simulation.h"

#include <cstdint>
#include <iostream>
#include <set>

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
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Simulation simulation(seed);
    ASSERT_THAT(simulation.Run(), IsOk())
        << "bazel run //tests/sim -- --first_seed " << seed << " --seeds 1 shows each step";
    steps += simulation.steps();
    restarts += simulation.restarts();
  }
  std::cout << kSeeds << " seeds, " << steps << " steps, " << restarts << " restarts in " << absl::Now() - begin
            << "\n";
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
