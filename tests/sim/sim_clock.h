// Virtual time: it stands still, goes on, and jumps both ways, as a badly kept clock does.

#ifndef TESTS_SIM_SIM_CLOCK_H_
#define TESTS_SIM_SIM_CLOCK_H_

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"
#include "tests/sim/sim_random.h"

namespace eventlog {

// One thread.
class SimClock {
 public:
  absl::Time Now() const { return now_; }
  // The latest that it ever showed.
  absl::Time latest() const { return latest_; }
  int64_t jumps() const { return jumps_; }

  // Some time goes by; as a rule little, and forward.
  void Move(SimRandom& random) {
    if (random.OneIn(8)) {
      now_ += absl::Seconds(random.Between(-3600, 3600));
      ++jumps_;
    } else {
      now_ += absl::Microseconds(random.Between(1, 4'000'000));
    }
    latest_ = std::max(latest_, now_);
  }

 private:
  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
  absl::Time latest_ = now_;
  int64_t jumps_ = 0;
};

}  // namespace eventlog

#endif  // TESTS_SIM_SIM_CLOCK_H_
