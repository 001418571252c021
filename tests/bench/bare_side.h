// The bare epoll loop as a side of the fan-out benchmark: it sends the gateway's frames, all that is pending for a
// client in one piece.

#ifndef TESTS_BENCH_BARE_SIDE_H_
#define TESTS_BENCH_BARE_SIDE_H_

#include <cstddef>

#include "tests/bench/fanout_side.h"
#include "tests/bench/line_connection.h"
#include "tests/bench/stub_log_server.h"

namespace eventlog::bench {

struct BareSideOptions {
  int threads = 1;  // share the clients
  int clients = 1;
  StubLogServer::RecordMaker record;
  size_t event_bytes_min = 1;
  bool timed = false;  // as StreamReadersOptions
};

class BareSide : public FanoutSide {
 public:
  explicit BareSide(const BareSideOptions& options);
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
