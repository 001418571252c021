// Compares durable appends with a bare baseline: gRPC, write and fdatasync of the same bytes. `bazel run
// //tests/bench:append`.
//
// Both servers run as processes of their own on the same disk; runs alternate, and every figure is a ratio of two
// neighbours.

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "tests/bench/append_load.h"
#include "tests/bench/bench_run.h"
#include "tests/bench/child_process.h"
#include "tests/bench/samples.h"

ABSL_FLAG(std::vector<std::string>, shapes,
          std::vector<std::string>({"1x1", "1x64", "1x256", "10x64", "100x64", "100x256"}),
          "events in a message x messages in flight");

namespace eventlog::bench {
namespace {

Shape ParseShape(const std::string& text) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(text, 'x');
  Shape shape;
  CHECK(absl::SimpleAtoi(parts.first, &shape.events_per_message) &&
        absl::SimpleAtoi(parts.second, &shape.messages_in_flight) && shape.events_per_message > 0 &&
        shape.messages_in_flight > 0)
      << "--shapes: \"" << text << "\"; right is 100x64";
  return shape;
}

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

// Gives the bytes that the bare server acknowledged.
int64_t Compare(const ChildProcess& ours, const ChildProcess& bare, const Shape& shape) {
  const absl::Duration duration = RunTime();
  Side us, base;
  Samples throughput, p50, p99;
  int64_t bare_events = 0;
  {
    Side warm_up;
    Measure(ours, shape, duration / 4, warm_up);
    bare_events += Measure(bare, shape, duration / 4, warm_up).events;
  }
  for (int run = 0; run < Runs(); ++run) {
    // Who comes first changes with each run.
    AppendResultSummary a, b;
    if (run % 2 == 0) a = Measure(ours, shape, duration, us);
    b = Measure(bare, shape, duration, base);
    if (run % 2 != 0) a = Measure(ours, shape, duration, us);
    bare_events += b.events;
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
  return bare_events * shape.event_bytes;
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
  int64_t acknowledged = 0;
  for (const std::string& shape : absl::GetFlag(FLAGS_shapes)) acknowledged += Compare(ours, bare, ParseShape(shape));
  // A baseline that skips work is none.
  const auto stored = static_cast<int64_t>(std::filesystem::file_size(folder.Path("bare")));
  CHECK(stored >= acknowledged) << "the bare server has " << stored << " bytes and acknowledged " << acknowledged;
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
