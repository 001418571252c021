// One side of the fan-out benchmark: a server, who receives from it, and a way to give it events. Measured in rounds: N
// events are published at once, all clients get all of them, then come the next N ("N in flight").

#ifndef TESTS_BENCH_FANOUT_SIDE_H_
#define TESTS_BENCH_FANOUT_SIDE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "tests/bench/child_process.h"
#include "tests/bench/stream_readers.h"

namespace eventlog::bench {

// What one measurement found. Deliveries: events times the clients that got them.
struct Delivered {
  double per_second = 0;
  double per_core_second = 0;   // of CPU time of the server's process, user and system
  double cpu_us_per_event = 0;  // published, not delivered
  double bytes_per_delivery = 0;
};

// Not thread safe.
class FanoutSide {
 public:
  virtual ~FanoutSide() = default;
  FanoutSide(const FanoutSide&) = delete;
  FanoutSide& operator=(const FanoutSide&) = delete;

  // Rounds until `duration` is over; at least one.
  Delivered Deliver(int in_flight, absl::Duration duration);

  // Publishes, and does not wait.
  void Send(int count);

  virtual const ChildProcess& server() const = 0;
  StreamReaders& readers() { return *readers_; }
  // The next offset.
  int64_t head() const { return head_; }

 protected:
  // `clients_per_event`: how many get each event.
  FanoutSide(int64_t head, double clients_per_event) : head_(head), clients_per_event_(clients_per_event) {}

  // The events [head, head + count).
  virtual void Publish(int count) = 0;

  // Gone before the server, who would be told by many ends of connections.
  std::unique_ptr<StreamReaders> readers_;

 private:
  int64_t head_;
  const double clients_per_event_;
};

// Measures the sides in alternating runs of RunTime() or more, each once before that counts. Who comes first changes
// with each run. Gives [side][run].
std::vector<std::vector<Delivered>> DeliverAlternating(const std::vector<FanoutSide*>& sides, int in_flight);

// One figure of all runs.
std::vector<double> Each(const std::vector<Delivered>& runs, double Delivered::*figure);

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_FANOUT_SIDE_H_
