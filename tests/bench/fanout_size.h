// How large the fan-out benchmark is: --scale makes all its numbers of clients and events smaller, for a machine that
// has less, and for a look whether it works.

#ifndef TESTS_BENCH_FANOUT_SIZE_H_
#define TESTS_BENCH_FANOUT_SIZE_H_

namespace eventlog::bench {

// So many at full size, made smaller by --scale, but not below `least`.
int Scaled(int full, int least = 2);

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_FANOUT_SIZE_H_
