// What permessage-deflate costs the gateway, and what it saves on the wire.

#ifndef TESTS_BENCH_FANOUT_DEFLATE_H_
#define TESTS_BENCH_FANOUT_DEFLATE_H_

namespace eventlog::bench {

// Prints how the events compress by themselves, and a row for each number in flight: rates for each second of the
// server's CPU, and bytes, with compression / without. Says so when the gateway does not compress.
void MeasureDeflate();

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_FANOUT_DEFLATE_H_
