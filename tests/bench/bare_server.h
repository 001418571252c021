// How the bare servers of the benchmarks, which stand beside the service, are started.

#ifndef TESTS_BENCH_BARE_SERVER_H_
#define TESTS_BENCH_BARE_SERVER_H_

#include <memory>

#include "grpcpp/impl/service_type.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"

namespace eventlog::bench {

// Builds the server on a free port of the loopback and prints the line that ChildProcess waits for.
std::unique_ptr<grpc::Server> StartServer(grpc::ServerBuilder& builder, grpc::Service& service);

// The same, for a service that needs nothing else. Never returns.
[[noreturn]] void ServeForEver(grpc::Service& service);

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_BARE_SERVER_H_
