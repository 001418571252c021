// Waits for one moment after another, a fixed time apart: an open load, which does not slow down with what it loads.

#ifndef TESTS_BENCH_PACER_H_
#define TESTS_BENCH_PACER_H_

#include "absl/time/time.h"

namespace eventlog::bench {

// On a timer of the kernel. Not thread safe.
class Pacer {
 public:
  explicit Pacer(absl::Duration interval);
  ~Pacer();
  Pacer(const Pacer&) = delete;
  Pacer& operator=(const Pacer&) = delete;

  // Waits until at least one moment more has come; gives how many have since the last call.
  int Wait();

 private:
  const int timer_;
};

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_PACER_H_
