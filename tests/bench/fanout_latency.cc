#include "tests/bench/fanout_latency.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "tests/bench/bare_side.h"
#include "tests/bench/bench_run.h"
#include "tests/bench/broadcast_events.h"
#include "tests/bench/child_process.h"
#include "tests/bench/comparison.h"
#include "tests/bench/fanout_side.h"
#include "tests/bench/fanout_size.h"
#include "tests/bench/gateway_process.h"
#include "tests/bench/paced_appends.h"
#include "tests/bench/pacer.h"
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

// What is measured of one load.
struct Latencies {
  std::vector<double> to_socket_ms, to_answer_ms, bare_ms;
  Samples gateway_cores, own_cores;
};

// Gives the figure of all deliveries since the last call, which are so many.
double TakeQuantile(StreamReaders& readers, int events, double quantile) {
  const std::vector<float> deliveries = readers.TakeLatencies();
  CHECK_EQ(deliveries.size(), static_cast<size_t>(events) * static_cast<size_t>(readers.clients()));
  return Quantile(deliveries, quantile);
}

void RunAppends(const Load& load, int events, const std::string& log, const ChildProcess& gateway,
                StreamReaders& readers, int64_t& head, Latencies& found) {
  const absl::Time start = absl::Now();
  const absl::Duration gateway_before = gateway.CpuTime(), own_before = OwnCpuTime();
  const std::vector<float> answers = AppendPaced(log, events, absl::Seconds(1) / load.events_per_second, TimedEvent);
  head += events;
  readers.AwaitEach(head);
  const absl::Duration elapsed = absl::Now() - start;
  found.gateway_cores.Add(absl::FDivDuration(gateway.CpuTime() - gateway_before, elapsed));
  found.own_cores.Add(absl::FDivDuration(OwnCpuTime() - own_before, elapsed));
  found.to_socket_ms.push_back(TakeQuantile(readers, events, load.quantile));
  found.to_answer_ms.push_back(Quantile(answers, load.quantile));
}

void RunBare(const Load& load, int events, FanoutSide& bare, Latencies& found) {
  Pacer pacer(absl::Seconds(1) / load.events_per_second);
  for (int sent = 0; sent < events;) {
    for (int due = std::min(pacer.Wait(), events - sent); due > 0; --due, ++sent) bare.Send(1);
  }
  bare.readers().AwaitEach(bare.head());
  found.bare_ms.push_back(TakeQuantile(bare.readers(), events, load.quantile));
}

BareSideOptions Bare(int clients) {
  BareSideOptions options;
  options.threads = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
  options.clients = clients;
  options.timed = true;
  options.record = [](int64_t offset) {
    v1::Record record;
    *record.mutable_event() = TimedEvent();
    record.set_offset(offset);
    *record.mutable_append_time() = record.event().time();
    return record;
  };
  return options;
}

// Adds to `head` what was appended.
void Measure(const Load& load, const std::string& log, const GatewayProcess& gateway, int64_t& head) {
  const int clients = Scaled(load.clients);
  StreamReaders readers(Readers(gateway.port(), clients, head));
  readers.AwaitOpen();
  BareSide bare(Bare(clients));
  const int events = std::max(2, static_cast<int>(absl::ToDoubleSeconds(RunTime()) * load.events_per_second));
  Latencies found;
  for (int run = -1; run < Runs(); ++run) {
    if (run == 0) found = Latencies();  // it is warm
    if (run % 2 == 0) RunAppends(load, events, log, gateway.process(), readers, head, found);
    RunBare(load, events, bare, found);
    if (run % 2 != 0) RunAppends(load, events, log, gateway.process(), readers, head, found);
  }
  const std::string shape =
      absl::StrCat("p", load.quantile * 100, " ms, ", clients, " clients, ", load.events_per_second, " events/s / ");
  PrintComparison(shape + "append alone", Better::kLower, found.to_socket_ms, found.to_answer_ms);
  PrintComparison(shape + "bare send", Better::kLower, found.to_socket_ms, found.bare_ms);
  std::printf("  cores in use: gateway-svc %.2f, this process with the receivers %.2f\n", found.gateway_cores.Median(),
              found.own_cores.Median());
}

}  // namespace

void MeasureLatency() {
  PrintComparisonHead(
      "ms from the append to the client's socket, through eventlog-svc and gateway-svc / to the append's "
      "acknowledgement, of the same events\n"
      "bare send: from the program that has the event to the client's socket, without a log, through a loop that sends "
      "what is pending");
  const BenchFolder folder;
  const ChildProcess log(EventLogCommand(folder.Path("eventlog")));
  const GatewayProcess gateway(log.Address("grpc"));
  int64_t head = 0;
  for (const Load& load : kLoads) Measure(load, log.Address("grpc"), gateway, head);
}

}  // namespace eventlog::bench
