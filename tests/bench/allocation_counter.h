// Counts the heap allocations of a server under measurement, from outside.

#ifndef TESTS_BENCH_ALLOCATION_COUNTER_H_
#define TESTS_BENCH_ALLOCATION_COUNTER_H_

#include <cstdint>
#include <string>
#include <vector>

namespace eventlog::bench {

// One process's counter, in a file that it shares with tests/bench/counted_malloc. Not thread safe.
class AllocationCounter {
 public:
  // `file` is made.
  explicit AllocationCounter(const std::string& file);
  ~AllocationCounter();
  AllocationCounter(const AllocationCounter&) = delete;
  AllocationCounter& operator=(const AllocationCounter&) = delete;

  // `argv`, started so that it counts here.
  std::vector<std::string> Counted(const std::vector<std::string>& argv) const;
  // Since the process began.
  int64_t count() const;

 private:
  const std::string file_;
  const int64_t* shared_ = nullptr;
};

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_ALLOCATION_COUNTER_H_
