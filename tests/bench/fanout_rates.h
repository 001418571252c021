// Delivered events of the gateway against a bare loop, NATS and Redis Pub/Sub.

#ifndef TESTS_BENCH_FANOUT_RATES_H_
#define TESTS_BENCH_FANOUT_RATES_H_

namespace eventlog::bench {

// Prints a row for each number of clients and of events in flight, of throughput for each second and for each second of
// the server's CPU.
void MeasureRates();

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_FANOUT_RATES_H_
