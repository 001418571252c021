// All that a simulation leaves to chance comes from here, and so from its seed.

#ifndef TESTS_SIM_SIM_RANDOM_H_
#define TESTS_SIM_SIM_RANDOM_H_

#include <cstdint>
#include <random>

namespace eventlog {

// One thread.
class SimRandom {
 public:
  explicit SimRandom(uint64_t seed) : engine_(seed) {}

  uint64_t Bits() { return engine_(); }
  // 0 to below - 1. The bias of the division does not matter here, that all systems draw the same does.
  int64_t Below(int64_t below) { return static_cast<int64_t>(engine_() % static_cast<uint64_t>(below)); }
  // `low` to `high`, both included.
  int64_t Between(int64_t low, int64_t high) { return low + Below(high - low + 1); }
  bool OneIn(int64_t count) { return Below(count) == 0; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace eventlog

#endif  // TESTS_SIM_SIM_RANDOM_H_
