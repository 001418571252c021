#include "tests/bench/fanout_stalled.h"

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "tests/bench/bench_run.h"
#include "tests/bench/broadcast_events.h"
#include "tests/bench/comparison.h"
#include "tests/bench/fanout_side.h"
#include "tests/bench/fanout_size.h"
#include "tests/bench/gateway_side.h"
#include "tests/bench/memory_use.h"

namespace eventlog::bench {
namespace {

constexpr int kClients = 1000;
constexpr int kInFlight = 10;
constexpr size_t kEventBytes = 300;
constexpr int64_t kRingBytes = 8 * 1024 * 1024;
// A stalled client's socket takes little, so that it does stall.
constexpr int kReceiveBufferBytes = 64 * 1024;
// So much fills the ring, and then the sockets of those who do not read.
constexpr int64_t kFillBytes = 2 * kRingBytes;

v1::Record MakeRecord(int64_t offset) { return MakeEventRecord(offset, "bench.event", kEventBytes); }

GatewaySideOptions Healthy(int clients) {
  GatewaySideOptions options;
  options.clients = clients;
  options.record = MakeRecord;
  options.event_bytes_min = kEventBytes;
  // The deadlines would end the stalled ones: here they stay, and stay stalled.
  options.flags = {absl::StrCat("--ring_bytes_max=", kRingBytes), "--slow_client_deadline_s=3600",
                   "--pong_deadline_s=3600"};
  return options;
}

StreamReadersOptions Stalled(int clients, int port) {
  StreamReadersOptions options;
  options.port = port;
  options.clients = clients;
  options.event_bytes_min = kEventBytes;
  options.receive_buffer_bytes = kReceiveBufferBytes;
  options.opening = [](int) { return GatewayProcess::Open("", "hello"); };
  options.expected = [](int) { return Expected{kFirstOffset, 1}; };
  return options;
}

void FillRing(GatewaySide& side) {
  const int64_t head = side.head() + kFillBytes / static_cast<int64_t>(kEventBytes);
  while (side.head() < head) side.Deliver(200, absl::ZeroDuration());
}

}  // namespace

void MeasureStalled() {
  PrintComparisonHead(absl::StrCat("clients that read while others do not; ", kInFlight, " events of ", kEventBytes,
                                   " B in flight, a ring of ", kRingBytes >> 20, " MiB"));
  const int clients = Scaled(kClients, 10);
  const int stalled = clients / 10;
  const int healthy = clients - stalled;
  GatewaySide without(Healthy(healthy));
  GatewaySide with(Healthy(healthy));
  StreamReaders readers(Stalled(stalled, with.gateway().port()));
  readers.AwaitOpen();
  const int64_t empty = PeakResidentBytes(with.server().pid());
  FillRing(without);
  FillRing(with);
  readers.AwaitEach(with.head());
  readers.SetReading(false);
  const int64_t full = PeakResidentBytes(with.server().pid());
  FillRing(with);
  FillRing(without);
  const int64_t bytes_before = readers.bytes_received();
  const auto found = DeliverAlternating({&with, &without}, kInFlight);
  CHECK(readers.AllStandUnread()) << "a stalled client was ended, or had nothing to read";
  CHECK_EQ(readers.bytes_received(), bytes_before) << "a stalled client read";
  CHECK_EQ(with.gateway().Stat("clients"), clients);
  const std::string shape = absl::StrCat(healthy, " clients, ", stalled, " stalled / none");
  PrintComparison(absl::StrCat("events/s, ", shape), Better::kHigher, Each(found[0], &Delivered::per_second),
                  Each(found[1], &Delivered::per_second));
  PrintComparison(absl::StrCat("events/s a core, ", shape), Better::kHigher,
                  Each(found[0], &Delivered::per_core_second), Each(found[1], &Delivered::per_core_second));
  const int64_t end = PeakResidentBytes(with.server().pid());
  const std::vector<double> ring = {static_cast<double>(kRingBytes)};
  PrintComparison("peak memory grew by, since they stalled / the ring", Better::kLower,
                  {static_cast<double>(end - full)}, ring);
  PrintComparison("peak memory grew by, since the ring was empty / the ring", Better::kLower,
                  {static_cast<double>(end - empty)}, ring);
  // What they did not read is owed to them: nobody was given up, and nothing was lost.
  readers.SetReading(true);
  readers.AwaitEach(with.head());
}

}  // namespace eventlog::bench
