// NATS as a side of the fan-out benchmark: subscribers at its WebSocket listener, without compression.

#ifndef TESTS_BENCH_NATS_SIDE_H_
#define TESTS_BENCH_NATS_SIDE_H_

#include <cstddef>
#include <string>

#include "tests/bench/fanout_side.h"
#include "tests/bench/line_connection.h"
#include "tests/bench/nats_server.h"
#include "tests/bench/stub_log_server.h"

namespace eventlog::bench {

class NatsSide : public FanoutSide {
 public:
  // `folder` is for the server.
  NatsSide(const std::string& folder, int clients, StubLogServer::RecordMaker record, size_t event_bytes_min);
  ~NatsSide() override { readers_.reset(); }

  const ChildProcess& server() const override { return server_.process(); }

 protected:
  void Publish(int count) override;

 private:
  const StubLogServer::RecordMaker record_;
  const NatsServer server_;
  LineConnection publisher_;
};

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_NATS_SIDE_H_
