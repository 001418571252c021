// How the bare servers of the benchmarks, which stand beside the service, are started.

#ifndef TESTS_BENCH_BARE_SERVER_H_
#define TESTS_BENCH_BARE_SERVER_H_

#include "grpcpp/impl/service_type.h"

namespace eventlog::bench {

// Serves on a free port of the loopback and prints the line that ChildProcess waits for. Never returns.
[[noreturn]] void ServeForEver(grpc::Service& service);

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_BARE_SERVER_H_
