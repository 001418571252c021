// The bare epoll loop as a side of the fan-out benchmark: it sends the gateway's frames, all that is pending for a
// client in one piece.

#ifndef TESTS_BENCH_BARE_SIDE_H_
#define TESTS_BENCH_BARE_SIDE_H_

#include <cstddef>

#include "tests/bench/fanout_side.h"
#include "tests/bench/line_connection.h"
#include "tests/bench/stub_log_server.h"

namespace eventlog::bench {

class BareSide : public FanoutSide {
 public:
  // `threads` share the clients.
  BareSide(int threads, int clients, StubLogServer::RecordMaker record, size_t event_bytes_min);
  ~BareSide() override { readers_.reset(); }

  const ChildProcess& server() const override { return server_; }

 protected:
  void Publish(int count) override;

 private:
  const StubLogServer::RecordMaker record_;
  const ChildProcess server_;
  LineConnection source_;
};

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_BARE_SIDE_H_
