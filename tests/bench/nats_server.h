// A NATS with JetStream of our own, started in a folder of the benchmark and ended with the object.

#ifndef TESTS_BENCH_NATS_SERVER_H_
#define TESTS_BENCH_NATS_SERVER_H_

#include <string>

#include "tests/bench/child_process.h"

namespace eventlog::bench {

// Whether nats-server is on this machine; prints "skipped: needs nats-server" when it is not.
bool HaveNats();

// Not thread safe.
class NatsServer {
 public:
  // Listens on a free port of the loopback. `folder` is made. It syncs each message before it acknowledges it, if it
  // can be told to: from 2.10 on, which Debian 12 does not have.
  explicit NatsServer(const std::string& folder);

  int port() const { return port_; }
  bool syncs_always() const { return syncs_always_; }

 private:
  const int port_;
  const std::string config_;  // path of its configuration
  const bool syncs_always_;
  const ChildProcess process_;
};

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_NATS_SERVER_H_
