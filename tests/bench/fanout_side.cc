#include "tests/bench/fanout_side.h"

#include <cstddef>

#include "absl/time/clock.h"
#include "tests/bench/bench_run.h"

namespace eventlog::bench {

void FanoutSide::Send(int count) {
  Publish(count);
  head_ += count;
}

Delivered FanoutSide::Deliver(int in_flight, absl::Duration duration) {
  const absl::Duration cpu_before = server().CpuTime();
  const int64_t bytes_before = readers_->bytes_received();
  const int64_t head_before = head_;
  const absl::Time start = absl::Now();
  do {
    Send(in_flight);
    readers_->AwaitEach(head_);
  } while (absl::Now() - start < duration);
  const double elapsed = absl::ToDoubleSeconds(absl::Now() - start);
  const double cpu = absl::ToDoubleSeconds(server().CpuTime() - cpu_before);
  const double events = static_cast<double>(head_ - head_before);
  const double deliveries = events * clients_per_event_;
  Delivered delivered;
  delivered.per_second = deliveries / elapsed;
  delivered.per_core_second = deliveries / cpu;
  delivered.cpu_us_per_event = cpu * 1e6 / events;
  delivered.bytes_per_delivery = static_cast<double>(readers_->bytes_received() - bytes_before) / deliveries;
  return delivered;
}

std::vector<std::vector<Delivered>> DeliverAlternating(const std::vector<FanoutSide*>& sides, int in_flight) {
  std::vector<std::vector<Delivered>> found(sides.size());
  for (FanoutSide* side : sides) side->Deliver(in_flight, RunTime() / 2);
  for (int run = 0; run < Runs(); ++run) {
    for (size_t i = 0; i < sides.size(); ++i) {
      const size_t turn = (i + static_cast<size_t>(run)) % sides.size();
      found[turn].push_back(sides[turn]->Deliver(in_flight, RunTime()));
    }
  }
  return found;
}

std::vector<double> Each(const std::vector<Delivered>& runs, double Delivered::*figure) {
  std::vector<double> figures;
  for (const Delivered& run : runs) figures.push_back(run.*figure);
  return figures;
}

}  // namespace eventlog::bench
