// What memory a process has, as the kernel says in /proc: its own, without the kernel's for its sockets.

#ifndef TESTS_BENCH_MEMORY_USE_H_
#define TESTS_BENCH_MEMORY_USE_H_

#include <sys/types.h>

#include <cstdint>

namespace eventlog::bench {

struct MemoryUse {
  int64_t resident_bytes = 0;
  int64_t proportional_bytes = 0;  // Pss: a page of several processes counts in part
  int64_t private_dirty_bytes = 0;
};

MemoryUse MemoryOf(pid_t process);

// The largest resident memory since ResetPeak, or since the process began.
int64_t PeakResidentBytes(pid_t process);
void ResetPeak(pid_t process);

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_MEMORY_USE_H_
