// Redis Pub/Sub as a side of the fan-out benchmark.

#ifndef TESTS_BENCH_REDIS_SIDE_H_
#define TESTS_BENCH_REDIS_SIDE_H_

#include <cstddef>
#include <string>

#include "tests/bench/fanout_side.h"
#include "tests/bench/line_connection.h"
#include "tests/bench/redis_server.h"
#include "tests/bench/stub_log_server.h"

namespace eventlog::bench {

class RedisSide : public FanoutSide {
 public:
  // `folder` is for the server.
  RedisSide(const std::string& folder, int clients, StubLogServer::RecordMaker record, size_t event_bytes_min);
  ~RedisSide() override { readers_.reset(); }

  const ChildProcess& server() const override { return server_.process(); }

 protected:
  void Publish(int count) override;

 private:
  const StubLogServer::RecordMaker record_;
  const RedisServer server_;
  LineConnection publisher_;
};

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_REDIS_SIDE_H_
