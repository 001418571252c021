// A Redis of our own, started in a folder of the benchmark and ended with the object.

#ifndef TESTS_BENCH_REDIS_SERVER_H_
#define TESTS_BENCH_REDIS_SERVER_H_

#include <string>
#include <vector>

#include "tests/bench/child_process.h"

namespace eventlog::bench {

// Whether redis-server is on this machine; prints "skipped: needs redis-server" when it is not.
bool HaveRedis();

// Not thread safe.
class RedisServer {
 public:
  // Listens on a free port of the loopback. `folder` is made. It writes no snapshots; `options` are added to its
  // command line.
  RedisServer(const std::string& folder, const std::vector<std::string>& options);

  int port() const { return port_; }
  const ChildProcess& process() const { return process_; }

 private:
  const int port_;
  const ChildProcess process_;
};

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_REDIS_SERVER_H_
