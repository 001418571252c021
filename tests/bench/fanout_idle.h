// The memory of the gateway for clients that are connected and to whom nothing happens.

#ifndef TESTS_BENCH_FANOUT_IDLE_H_
#define TESTS_BENCH_FANOUT_IDLE_H_

namespace eventlog::bench {

// Prints rows of bytes for each client / the goal.
void MeasureIdle();

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_FANOUT_IDLE_H_
