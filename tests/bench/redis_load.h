// The load on Redis Streams that stands beside an append load: XADD of one value of so many bytes.

#ifndef TESTS_BENCH_REDIS_LOAD_H_
#define TESTS_BENCH_REDIS_LOAD_H_

#include "absl/time/time.h"
#include "tests/bench/append_load.h"

namespace eventlog::bench {

// One connection on which `shape` is in flight: commands are sent so many at a time. Gives events per second.
double AddPipelined(int port, const Shape& shape, absl::Duration duration);

// As many connections as messages in flight, each with one, served by one thread. Gives events per second.
double AddFromClients(int port, const Shape& shape, absl::Duration duration);

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_REDIS_LOAD_H_
