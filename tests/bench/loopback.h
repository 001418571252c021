// Plain TCP on the loopback, for the peers that do not speak gRPC.

#ifndef TESTS_BENCH_LOOPBACK_H_
#define TESTS_BENCH_LOOPBACK_H_

namespace eventlog::bench {

// A port of the loopback that was free a moment ago, for a server that cannot choose one itself.
int FreePort();

// A connected socket without Nagle's delay, which the caller closes; crashes when nobody listens.
int ConnectToLoopback(int port);

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_LOOPBACK_H_
