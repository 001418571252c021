// What many distinct filters cost the gateway.

#ifndef TESTS_BENCH_FANOUT_FILTERS_H_
#define TESTS_BENCH_FANOUT_FILTERS_H_

namespace eventlog::bench {

// Prints the server's CPU with many filters / with one, for many clients and for few.
void MeasureFilters();

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_FANOUT_FILTERS_H_
