// A NATS of our own, with JetStream or with a listener for WebSocket clients, started in a folder of the benchmark and
// ended with the object.

#ifndef TESTS_BENCH_NATS_SERVER_H_
#define TESTS_BENCH_NATS_SERVER_H_

#include <string>

#include "tests/bench/child_process.h"

namespace eventlog::bench {

// Whether nats-server is on this machine; prints "skipped: needs nats-server" when it is not.
bool HaveNats();

// What the server is for.
enum class NatsRole { kJetStream, kWebSocket };

// Not thread safe.
class NatsServer {
 public:
  // Listens on a free port of the loopback. `folder` is made. It syncs each message before it acknowledges it, if it
  // can be told to: from 2.10 on, which Debian 12 does not have.
  explicit NatsServer(const std::string& folder, NatsRole role = NatsRole::kJetStream);

  int port() const { return port_; }
  // Of kWebSocket, without TLS.
  int web_socket_port() const { return web_socket_port_; }
  const ChildProcess& process() const { return process_; }
  bool syncs_always() const { return syncs_always_; }

 private:
  const int port_;
  const int web_socket_port_;
  const std::string config_;  // path of its configuration
  const bool syncs_always_;
  const ChildProcess process_;
};

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_NATS_SERVER_H_
