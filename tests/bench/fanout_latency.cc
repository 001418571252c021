#include "tests/bench/fanout_latency.h"

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "tests/bench/bench_run.h"
#include "tests/bench/broadcast_events.h"
#include "tests/bench/child_process.h"
#include "tests/bench/comparison.h"
#include "tests/bench/fanout_size.h"
#include "tests/bench/gateway_process.h"
#include "tests/bench/paced_appends.h"
#include "tests/bench/samples.h"
#include "tests/bench/stream_readers.h"

namespace eventlog::bench {
namespace {

constexpr size_t kEventBytes = 300;

struct Load {
  int clients;
  int events_per_second;
  double quantile;
};
constexpr Load kLoads[] = {{100, 1000, 0.5}, {5000, 100, 0.99}};

v1::Event TimedEvent() {
  return MakeEventRecord(kFirstOffset, "bench.event", kEventBytes, absl::StrCat("{\"sent_ns\":", MonotonicNs(), "}"))
      .event();
}

double Quantile(const std::vector<float>& values, double q) {
  Samples samples;
  for (const float value : values) samples.Add(value);
  return samples.Quantile(q);
}

StreamReadersOptions Readers(int port, int clients, int64_t head) {
  StreamReadersOptions options;
  options.port = port;
  options.clients = clients;
  options.timed = true;
  options.opening = [](int) { return GatewayProcess::Open("", "live"); };
  options.expected = [head](int) { return Expected{head, 1}; };
  return options;
}

// Of this process, whose receivers are most of it.
absl::Duration OwnCpuTime() {
  timespec time{};
  PCHECK(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0);
  return absl::DurationFromTimespec(time);
}

// Adds to `head` what was appended.
void Measure(const Load& load, const std::string& log, const GatewayProcess& gateway, int64_t& head) {
  const int clients = Scaled(load.clients);
  StreamReaders readers(Readers(gateway.port(), clients, head));
  readers.AwaitOpen();
  const absl::Duration interval = absl::Seconds(1) / load.events_per_second;
  std::vector<double> to_socket, to_answer;
  Samples gateway_cores, own_cores;
  for (int run = -1; run < Runs(); ++run) {
    const int events = std::max(2, static_cast<int>(RunTime() / interval));
    const absl::Time start = absl::Now();
    const absl::Duration gateway_before = gateway.process().CpuTime(), own_before = OwnCpuTime();
    const std::vector<float> answers = AppendPaced(log, events, interval, TimedEvent);
    head += events;
    readers.AwaitEach(head);
    const absl::Duration elapsed = absl::Now() - start;
    gateway_cores.Add(absl::FDivDuration(gateway.process().CpuTime() - gateway_before, elapsed));
    own_cores.Add(absl::FDivDuration(OwnCpuTime() - own_before, elapsed));
    const std::vector<float> deliveries = readers.TakeLatencies();
    CHECK_EQ(deliveries.size(), static_cast<size_t>(events) * static_cast<size_t>(clients));
    if (run < 0) continue;  // warms up
    to_socket.push_back(Quantile(deliveries, load.quantile));
    to_answer.push_back(Quantile(answers, load.quantile));
  }
  PrintComparison(absl::StrCat("p", load.quantile * 100, " ms, ", clients, " clients, ", load.events_per_second,
                               " events/s / append alone"),
                  Better::kLower, to_socket, to_answer);
  std::printf("  cores in use: gateway-svc %.2f, the receivers %.2f\n", gateway_cores.Median(), own_cores.Median());
}

}  // namespace

void MeasureLatency() {
  PrintComparisonHead(
      "from the append to the client's socket, through eventlog-svc and gateway-svc / to the append's "
      "acknowledgement, of the same events");
  const BenchFolder folder;
  const ChildProcess log(EventLogCommand(folder.Path("eventlog")));
  const GatewayProcess gateway(log.Address("grpc"));
  int64_t head = 0;
  for (const Load& load : kLoads) Measure(load, log.Address("grpc"), gateway, head);
}

}  // namespace eventlog::bench
