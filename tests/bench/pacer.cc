#include "tests/bench/pacer.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <cstdint>

#include "glog/logging.h"

namespace eventlog::bench {

Pacer::Pacer(absl::Duration interval) : timer_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)) {
  itimerspec times{};
  times.it_value = times.it_interval = absl::ToTimespec(interval);
  PCHECK(timer_ >= 0 && timerfd_settime(timer_, 0, &times, nullptr) == 0);
}

Pacer::~Pacer() { close(timer_); }

int Pacer::Wait() {
  uint64_t passed = 0;
  PCHECK(read(timer_, &passed, sizeof(passed)) == sizeof(passed));
  return static_cast<int>(passed);
}

}  // namespace eventlog::bench
