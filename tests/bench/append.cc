// Compares durable appends with a bare baseline: gRPC, write and fdatasync of the same bytes. `bazel run
// //tests/bench:append`.
//
// Both servers run as processes of their own on the same disk; runs alternate, and every figure is a ratio of two
// neighbours.

#include <cstdio>
#include <string>

#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "tests/bench/append_load.h"
#include "tests/bench/bench_run.h"
#include "tests/bench/child_process.h"
#include "tests/bench/samples.h"

namespace eventlog::bench {
namespace {

constexpr Shape kShapes[] = {{1, 1}, {1, 64}, {1, 256}, {10, 64}, {100, 64}, {100, 256}};

struct Side {
  Samples events_per_second, p50_us, p99_us, cpu_us_per_event;
};

AppendResultSummary Measure(const ChildProcess& server, const Shape& shape, absl::Duration duration, Side& side) {
  const absl::Duration before = server.CpuTime();
  AppendResultSummary result = RunAppendLoad(server.Address("grpc"), shape, duration);
  const absl::Duration cpu = server.CpuTime() - before;
  side.events_per_second.Add(result.EventsPerSecond());
  side.p50_us.Add(result.latency_us.Quantile(0.5));
  side.p99_us.Add(result.latency_us.Quantile(0.99));
  side.cpu_us_per_event.Add(absl::ToDoubleMicroseconds(cpu) / static_cast<double>(result.events));
  return result;
}

void Compare(const ChildProcess& ours, const ChildProcess& bare, const Shape& shape) {
  const absl::Duration duration = RunTime();
  Side us, base;
  Samples throughput, p50, p99;
  {
    Side warm_up;
    Measure(ours, shape, duration / 4, warm_up);
    Measure(bare, shape, duration / 4, warm_up);
  }
  for (int run = 0; run < Runs(); ++run) {
    // Who comes first changes with each run.
    AppendResultSummary a, b;
    if (run % 2 == 0) a = Measure(ours, shape, duration, us);
    b = Measure(bare, shape, duration, base);
    if (run % 2 != 0) a = Measure(ours, shape, duration, us);
    throughput.Add(a.EventsPerSecond() / b.EventsPerSecond());
    p50.Add(a.latency_us.Quantile(0.5) / b.latency_us.Quantile(0.5));
    p99.Add(a.latency_us.Quantile(0.99) / b.latency_us.Quantile(0.99));
  }
  std::printf("(%3d,%4d)  %9.0f %9.0f  %5.2f (%4.2f)  %7.0f %7.0f  %5.2f (%4.2f)  %5.2f (%4.2f)  %6.2f %6.2f\n",
              shape.events_per_message, shape.messages_in_flight, us.events_per_second.Median(),
              base.events_per_second.Median(), throughput.Median(), throughput.Min(), us.p50_us.Median(),
              base.p50_us.Median(), p50.Median(), p50.Max(), p99.Median(), p99.Max(), us.cpu_us_per_event.Median(),
              base.cpu_us_per_event.Median());
  std::fflush(stdout);
}

void Run() {
  const BenchFolder folder;
  const ChildProcess ours(EventLogCommand(folder.Path("eventlog")));
  const ChildProcess bare({"tests/bench/bare_append_server", absl::StrCat("--file=", folder.Path("bare"))});
  std::printf(
      "durable AppendStream, 256 B events, %d alternating runs of %d ms; medians, the worst run in parentheses\n"
      "ratio = eventlog-svc / bare gRPC + pwrite + fdatasync: throughput above 1 is better, latency below 1 is "
      "better\n"
      "(events in a message, messages in flight)\n"
      "shape        events/s      bare  ratio         p50 us    bare  ratio         p99 ratio     CPU us/event, "
      "bare\n",
      Runs(), static_cast<int>(absl::ToInt64Milliseconds(RunTime())));
  for (const Shape& shape : kShapes) Compare(ours, bare, shape);
  std::printf("resident memory at the end: eventlog-svc %.1f MiB, bare %.1f MiB\n",
              static_cast<double>(ours.ResidentBytes()) / (1 << 20),
              static_cast<double>(bare.ResidentBytes()) / (1 << 20));
}

}  // namespace
}  // namespace eventlog::bench

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("Durable appends against a bare baseline, as ratios.");
  absl::ParseCommandLine(argc, argv);
  eventlog::bench::Run();
}
