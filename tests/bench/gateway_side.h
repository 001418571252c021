// The gateway as a side of the fan-out benchmark, with a log of its own in this process.

#ifndef TESTS_BENCH_GATEWAY_SIDE_H_
#define TESTS_BENCH_GATEWAY_SIDE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/bench/broadcast_events.h"
#include "tests/bench/fanout_side.h"
#include "tests/bench/gateway_process.h"
#include "tests/bench/stub_log_server.h"

namespace eventlog::bench {

struct GatewaySideOptions {
  int clients = 1;
  StubLogServer::RecordMaker record;
  size_t event_bytes_min = 1;
  bool deflate = false;
  std::vector<std::string> flags;  // of the gateway
  // Of the filters of so many, client i asks for number i % filters: the type that `type` names; 0 for no filter. Event
  // n is of the type of filter n % types.
  int filters = 0;
  int types = 1;
  std::function<std::string(int)> type;
};

class GatewaySide : public FanoutSide {
 public:
  explicit GatewaySide(const GatewaySideOptions& options);
  ~GatewaySide() override { readers_.reset(); }

  const ChildProcess& server() const override { return gateway_.process(); }
  const GatewayProcess& gateway() const { return gateway_; }
  const StubLogServer& log() const { return log_; }

 protected:
  void Publish(int count) override { log_.Publish(count); }

 private:
  StubLogServer log_;
  const GatewayProcess gateway_;
};

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_GATEWAY_SIDE_H_
