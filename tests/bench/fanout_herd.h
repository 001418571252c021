// Clients that all come back at once, far behind: after a restart of the gateway, or of their network.

#ifndef TESTS_BENCH_FANOUT_HERD_H_
#define TESTS_BENCH_FANOUT_HERD_H_

namespace eventlog::bench {

// Prints how often the gateway reads the log for them, its memory, and what the live clients notice.
void MeasureHerd();

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_FANOUT_HERD_H_
