#include "tests/bench/fanout_herd.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "tests/bench/bare_side.h"
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
// Of so many times fewer events behind: memory must not grow with them.
constexpr int kShorter = 5;
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

BareSideOptions BareLive() {
  BareSideOptions options;
  options.clients = Scaled(kLiveClients);
  options.record = LiveRecord;
  options.timed = true;
  return options;
}

// Publishes live events at a steady rate while it is there.
class LiveTraffic {
 public:
  explicit LiveTraffic(std::function<void(int)> publish)
      : thread_([this, publish = std::move(publish)] {
          Pacer pacer(kLiveInterval);
          while (!stopping_) publish(pacer.Wait());
        }) {}
  ~LiveTraffic() {
    stopping_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

// What one herd found and did.
struct HerdRun {
  double open_seconds = 0;   // until all are connected and greeted
  double seconds = 0;        // until all have what they want
  double records_read = 0;   // upstream
  double reads_at_once = 0;  // most of one offset
  double p99_before_ms = 0, p99_during_ms = 0;
  double before_bytes = 0, peak_bytes = 0;
};

// Who serves the clients that are live.
enum class LiveServer {
  kGateway,  // as the herd
  kBare,     // another process, which does nothing else: what the cores that all share leave to anybody
};

HerdRun RunHerd(int clients, int behind, LiveServer live_server) {
  const int64_t head = FirstOffset() + behind;
  StubLogServer log(head, [head](int64_t offset) { return offset < head ? OldRecord(offset) : LiveRecord(offset); });
  const GatewayProcess gateway(log.address(), {absl::StrCat("--cold_cache_bytes_max=", kColdCacheBytes)});
  const pid_t pid = gateway.process().pid();
  StreamReaders at_gateway(Live(gateway.port(), head));
  at_gateway.AwaitOpen();
  BareSide bare(BareLive());
  const bool at_bare = live_server == LiveServer::kBare;
  StreamReaders& live = at_bare ? bare.readers() : at_gateway;
  HerdRun run;
  {
    const LiveTraffic traffic([&](int count) { at_bare ? bare.Send(count) : log.Publish(count); });
    Pacer(RunTime()).Wait();
    run.p99_before_ms = P99(live.TakeLatencies());
    run.before_bytes = static_cast<double>(MemoryOf(pid).resident_bytes);
    ResetPeak(pid);
    const StubLogServer::Reads before = log.reads();
    const absl::Time start = absl::Now();
    StreamReaders herd(Herd(gateway.port(), clients));
    herd.AwaitOpen();
    run.open_seconds = absl::ToDoubleSeconds(absl::Now() - start);
    herd.AwaitEach(head);
    run.seconds = absl::ToDoubleSeconds(absl::Now() - start);
    run.p99_during_ms = P99(live.TakeLatencies());
    run.peak_bytes = static_cast<double>(PeakResidentBytes(pid));
    const StubLogServer::Reads reads = log.reads();
    run.records_read = static_cast<double>(reads.records - before.records);
    run.reads_at_once = static_cast<double>(reads.same_start_max);
  }
  live.AwaitEach(at_bare ? bare.head() : log.head());
  return run;
}

std::vector<double> Each(const std::vector<HerdRun>& runs, double HerdRun::*figure) {
  std::vector<double> figures;
  for (const HerdRun& run : runs) figures.push_back(run.*figure);
  return figures;
}

}  // namespace

void MeasureHerd() {
  PrintComparisonHead("clients that reconnect at once, beside others that are live");
  const int clients = Scaled(kClients);
  const int behind = Scaled(kBehind, kShorter * kEventsOfTypeMin * Types());
  std::printf("%d clients, each with a filter that takes one in %d of %d events behind; at most %d runs\n", clients,
              Types(), behind, kRunsMax);
  std::vector<HerdRun> runs, shorter, beside;
  for (int run = 0; run < std::min(Runs(), kRunsMax); ++run) {
    runs.push_back(RunHerd(clients, behind, LiveServer::kGateway));
    shorter.push_back(RunHerd(clients, behind / kShorter, LiveServer::kGateway));
    beside.push_back(RunHerd(clients, behind, LiveServer::kBare));
  }
  const std::vector<double> ones(runs.size(), 1), range(runs.size(), behind);
  PrintComparison("records read upstream / records behind", Better::kLower, Each(runs, &HerdRun::records_read), range);
  PrintComparison("most reads that began at one offset / one", Better::kLower, Each(runs, &HerdRun::reads_at_once),
                  ones);
  PrintComparison(absl::StrCat("peak resident bytes / with a ", kShorter, "th of the events"), Better::kLower,
                  Each(runs, &HerdRun::peak_bytes), Each(shorter, &HerdRun::peak_bytes));
  PrintComparison("peak resident bytes / before", Better::kLower, Each(runs, &HerdRun::peak_bytes),
                  Each(runs, &HerdRun::before_bytes));
  PrintComparison("live clients' p99 ms, during / before", Better::kLower, Each(runs, &HerdRun::p99_during_ms),
                  Each(runs, &HerdRun::p99_before_ms));
  PrintComparison("the same of a bare process that serves just them, beside the herd", Better::kLower,
                  Each(beside, &HerdRun::p99_during_ms), Each(beside, &HerdRun::p99_before_ms));
  PrintComparison(absl::StrCat("seconds until all have theirs / with a ", kShorter, "th"), Better::kLower,
                  Each(runs, &HerdRun::seconds), Each(shorter, &HerdRun::seconds));
  PrintComparison("seconds until all are greeted / until all have theirs", Better::kLower,
                  Each(runs, &HerdRun::open_seconds), Each(runs, &HerdRun::seconds));
}

}  // namespace eventlog::bench
