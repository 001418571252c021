// A load of unary gRPC calls with one request and a fixed number of them in flight. Knows no service: answers are
// counted and not parsed, so that two servers are compared under the same client.

#ifndef TESTS_BENCH_UNARY_LOAD_H_
#define TESTS_BENCH_UNARY_LOAD_H_

#include <string>

#include "absl/time/time.h"

namespace eventlog::bench {

// Calls `method` ("/package.Service/Method") at `address` for `duration`, then waits for the last answer. Gives calls
// per second. Crashes when a call fails.
double CallsPerSecond(const std::string& address, const std::string& method, const std::string& request, int in_flight,
                      absl::Duration duration);

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_UNARY_LOAD_H_
