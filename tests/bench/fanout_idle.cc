#include "tests/bench/fanout_idle.h"

#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "tests/bench/bench_run.h"
#include "tests/bench/broadcast_events.h"
#include "tests/bench/comparison.h"
#include "tests/bench/fanout_size.h"
#include "tests/bench/gateway_process.h"
#include "tests/bench/memory_use.h"
#include "tests/bench/stream_readers.h"
#include "tests/bench/stub_log_server.h"

namespace eventlog::bench {
namespace {

constexpr int kClients = 15'000;
constexpr double kGoalBytes = 2048;

// What each client adds.
struct Added {
  double proportional = 0;
  double private_dirty = 0;
};

// With a gateway of its own, for memory that was used once may be used again.
Added MeasureOnce(int clients) {
  StubLogServer log(kFirstOffset, [](int64_t offset) { return MakeEventRecord(offset, "bench.event", 300); });
  const GatewayProcess gateway(log.address());
  const MemoryUse before = MemoryOf(gateway.process().pid());
  StreamReadersOptions options;
  options.port = gateway.port();
  options.clients = clients;
  options.opening = [](int) { return GatewayProcess::Open("", "live"); };
  options.expected = [](int) { return Expected{kFirstOffset, 1}; };
  StreamReaders readers(std::move(options));
  readers.AwaitOpen();
  CHECK_EQ(gateway.Stat("clients"), clients);
  const MemoryUse after = MemoryOf(gateway.process().pid());
  Added added;
  added.proportional = static_cast<double>(after.proportional_bytes - before.proportional_bytes) / clients;
  added.private_dirty = static_cast<double>(after.private_dirty_bytes - before.private_dirty_bytes) / clients;
  // They are clients indeed.
  log.Publish(1);
  readers.AwaitEach(log.head());
  return added;
}

}  // namespace

void MeasureIdle() {
  PrintComparisonHead(
      "memory of gateway-svc for each idle client, in bytes, by /proc/PID/smaps_rollup (without the kernel's) / 2 KiB");
  const int clients = Scaled(kClients);
  std::vector<double> proportional, private_dirty;
  for (int run = 0; run < Runs(); ++run) {
    const Added added = MeasureOnce(clients);
    proportional.push_back(added.proportional);
    private_dirty.push_back(added.private_dirty);
  }
  const std::vector<double> goal(proportional.size(), kGoalBytes);
  PrintComparison(absl::StrCat("Pss for each of ", clients, " idle clients"), Better::kLower, proportional, goal);
  PrintComparison(absl::StrCat("Private_Dirty for each of ", clients, " idle clients"), Better::kLower, private_dirty,
                  goal);
}

}  // namespace eventlog::bench
