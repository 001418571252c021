// Whether clients that do not read harm those that do, and what they cost the gateway.

#ifndef TESTS_BENCH_FANOUT_STALLED_H_
#define TESTS_BENCH_FANOUT_STALLED_H_

namespace eventlog::bench {

// Prints the rate of the healthy clients, with stalled ones beside them / without, and the growth of the gateway's
// memory meanwhile / the size of its ring.
void MeasureStalled();

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_FANOUT_STALLED_H_
