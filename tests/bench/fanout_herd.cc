#include "tests/bench/fanout_herd.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "tests/bench/bench_run.h"
#include "tests/bench/broadcast_events.h"
#include "tests/bench/comparison.h"
#include "tests/bench/fanout_size.h"
#include "tests/bench/gateway_process.h"
#include "tests/bench/memory_use.h"
#include "tests/bench/pacer.h"
#include "tests/bench/samples.h"
#include "tests/bench/stream_readers.h"
#include "tests/bench/stub_log_server.h"

ABSL_FLAG(int, herd_types, 100,
          "the herd's clients follow one of so many types of events: without a filter, 1, they get 1.5 TB");

namespace eventlog::bench {
namespace {

constexpr int kClients = 5000;
constexpr int kBehind = 1'000'000;
// In the range of the least size.
constexpr int kEventsOfTypeMin = 10;
constexpr int kLiveClients = 100;
constexpr absl::Duration kLiveInterval = absl::Milliseconds(10);
constexpr size_t kEventBytes = 300;
constexpr int kRunsMax = 3;
constexpr int64_t kColdCacheBytes = 32 * 1024 * 1024;

int Types() { return absl::GetFlag(FLAGS_herd_types); }

// The first one of the herd's type.
int64_t FirstOffset() { return (kFirstOffset + Types() - 1) / Types() * Types(); }

v1::Record OldRecord(int64_t offset) {
  return MakeEventRecord(offset, absl::StrCat("bench.t", offset % Types()), kEventBytes);
}

v1::Record LiveRecord(int64_t offset) {
  return MakeEventRecord(offset, "bench.live", kEventBytes, absl::StrCat("{\"sent_ns\":", MonotonicNs(), "}"));
}

StreamReadersOptions Live(int port, int64_t head) {
  StreamReadersOptions options;
  options.port = port;
  options.clients = Scaled(kLiveClients);
  options.timed = true;
  options.opening = [](int) { return GatewayProcess::Open("type=bench.live", "live"); };
  options.expected = [head](int) { return Expected{head, 1}; };
  return options;
}

StreamReadersOptions Herd(int port, int clients) {
  StreamReadersOptions options;
  options.port = port;
  options.clients = clients;
  options.opening = [](int) {
    return GatewayProcess::Open(absl::StrCat("type=bench.t0&cursor=", StubLogServer::kEpoch, ":", FirstOffset() - 1),
                                "hello");
  };
  options.expected = [](int) { return Expected{FirstOffset(), Types()}; };
  return options;
}

double P99(const std::vector<float>& latencies_ms) {
  Samples samples;
  for (const float latency : latencies_ms) samples.Add(latency);
  return samples.Quantile(0.99);
}

// Publishes live events at a steady rate while it is there.
class LiveTraffic {
 public:
  explicit LiveTraffic(StubLogServer& log)
      : thread_([this, &log] {
          Pacer pacer(kLiveInterval);
          while (!stopping_) log.Publish(pacer.Wait());
        }) {}
  ~LiveTraffic() {
    stopping_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

struct Found {
  std::vector<double> records, same_range, peak_bytes, allowed_bytes, p99_during, p99_before, seconds;
};

void MeasureOnce(int clients, int64_t head, Found& found) {
  StubLogServer log(head, [head](int64_t offset) { return offset < head ? OldRecord(offset) : LiveRecord(offset); });
  const GatewayProcess gateway(log.address(), {absl::StrCat("--cold_cache_bytes_max=", kColdCacheBytes)});
  StreamReaders live(Live(gateway.port(), head));
  live.AwaitOpen();
  {
    const LiveTraffic traffic(log);
    Pacer(RunTime()).Wait();
    found.p99_before.push_back(P99(live.TakeLatencies()));
    const pid_t pid = gateway.process().pid();
    found.allowed_bytes.push_back(static_cast<double>(MemoryOf(pid).resident_bytes + kColdCacheBytes));
    ResetPeak(pid);
    const StubLogServer::Reads before = log.reads();
    const absl::Time start = absl::Now();
    StreamReaders herd(Herd(gateway.port(), clients));
    herd.AwaitOpen();
    herd.AwaitEach(head);
    found.seconds.push_back(absl::ToDoubleSeconds(absl::Now() - start));
    found.peak_bytes.push_back(static_cast<double>(PeakResidentBytes(pid)));
    found.p99_during.push_back(P99(live.TakeLatencies()));
    const StubLogServer::Reads reads = log.reads();
    found.records.push_back(static_cast<double>(reads.records - before.records));
    found.same_range.push_back(static_cast<double>(reads.same_start_max));
  }
  live.AwaitEach(log.head());
}

}  // namespace

void MeasureHerd() {
  PrintComparisonHead("clients that reconnect at once, beside others that are live");
  const int clients = Scaled(kClients);
  const int behind = Scaled(kBehind, kEventsOfTypeMin * Types());
  const int runs = std::min(Runs(), kRunsMax);
  Found found;
  for (int run = 0; run < runs; ++run) MeasureOnce(clients, FirstOffset() + behind, found);
  Samples seconds;
  for (const double each : found.seconds) seconds.Add(each);
  std::printf(
      "%d clients, each with a filter that takes one in %d of %d events behind; %d runs, all have theirs after "
      "%.1f s (%.1f)\n",
      clients, Types(), behind, runs, seconds.Median(), seconds.Max());
  const std::vector<double> ones(found.records.size(), 1), range(found.records.size(), behind);
  PrintComparison("records read upstream / records behind", Better::kLower, found.records, range);
  PrintComparison("most reads that began at one offset / one", Better::kLower, found.same_range, ones);
  PrintComparison("peak resident bytes / before + --cold_cache_bytes_max", Better::kLower, found.peak_bytes,
                  found.allowed_bytes);
  PrintComparison("live clients' p99 ms, during / before", Better::kLower, found.p99_during, found.p99_before);
}

}  // namespace eventlog::bench
