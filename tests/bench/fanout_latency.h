// How long an event takes from its append to the clients' sockets, through the log service and the gateway.

#ifndef TESTS_BENCH_FANOUT_LATENCY_H_
#define TESTS_BENCH_FANOUT_LATENCY_H_

namespace eventlog::bench {

// Prints milliseconds from the append to the socket / to the append's acknowledgement.
void MeasureLatency();

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_FANOUT_LATENCY_H_
