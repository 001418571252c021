// Counts what the service spends on an event: heap allocations of appends and of catching up, and its CPU time for a
// durable append, each beside a bare server that does the same. `bazel run //tests/bench:allocations`.

#include <cstdint>
#include <functional>
#include <string>

#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "tests/bench/allocation_counter.h"
#include "tests/bench/append_load.h"
#include "tests/bench/bench_run.h"
#include "tests/bench/child_process.h"
#include "tests/bench/comparison.h"
#include "tests/bench/raw_subscriber.h"

namespace eventlog::bench {
namespace {

constexpr Shape kAppends = {100, 64, 256};

// Allocations of a process per event while `run` goes on, which gives the number of events.
double PerEvent(const AllocationCounter& counter, const std::function<int64_t()>& run) {
  const int64_t before = counter.count();
  CHECK_GT(before, 0) << "counted_malloc is not in the process";
  const int64_t events = run();
  return static_cast<double>(counter.count() - before) / static_cast<double>(events);
}

int64_t Append(const ChildProcess& server) { return RunAppendLoad(server.Address("grpc"), kAppends, RunTime()).events; }

double AppendCpuUs(const ChildProcess& server) {
  const absl::Duration before = server.CpuTime();
  const int64_t events = Append(server);
  return absl::ToDoubleMicroseconds(server.CpuTime() - before) / static_cast<double>(events);
}

void CompareAppends(const BenchFolder& folder) {
  const AllocationCounter our_counter(folder.Path("append-count")), base_counter(folder.Path("bare-count"));
  const ChildProcess ours(our_counter.Counted(EventLogCommand(folder.Path("append"))));
  const ChildProcess bare(
      base_counter.Counted({"tests/bench/bare_append_server", absl::StrCat("--file=", folder.Path("bare"))}));
  Compare(
      "allocations, AppendStream (100, 64)", Better::kLower,
      [&] { return PerEvent(our_counter, [&] { return Append(ours); }); },
      [&] { return PerEvent(base_counter, [&] { return Append(bare); }); });
}

void CompareCatchUp(const BenchFolder& folder) {
  const int64_t events = Quick() ? 20'000 : 500'000;
  const v1::SubscribeRequest request = CatchUpRequest(kAppends.events_per_message);
  const AllocationCounter our_counter(folder.Path("stream-count")), base_counter(folder.Path("bare-stream-count"));
  const ChildProcess ours(our_counter.Counted(EventLogCommand(folder.Path("stream"))));
  AppendEvents(ours.Address("grpc"), kAppends, events);
  const std::string messages = folder.Path("messages");
  CaptureMessages(ours.Address("grpc"), request, messages);
  const ChildProcess bare(base_counter.Counted({"tests/bench/bare_stream_server", absl::StrCat("--file=", messages)}));
  const auto catch_up = [&](const ChildProcess& server) {
    SubscribeRaw(server.Address("grpc"), request);
    return events;
  };
  Compare(
      "allocations, Subscribe, 100 records a message", Better::kLower,
      [&] { return PerEvent(our_counter, [&] { return catch_up(ours); }); },
      [&] { return PerEvent(base_counter, [&] { return catch_up(bare); }); });
}

void CompareCpu(const BenchFolder& folder) {
  const ChildProcess ours(EventLogCommand(folder.Path("cpu")));
  const ChildProcess bare({"tests/bench/bare_append_server", absl::StrCat("--file=", folder.Path("bare-cpu"))});
  Compare(
      "server CPU in us, AppendStream (100, 64)", Better::kLower, [&] { return AppendCpuUs(ours); },
      [&] { return AppendCpuUs(bare); });
}

void Run() {
  const BenchFolder folder;
  PrintComparisonHead("per event of 256 B; ratio = eventlog-svc / bare server");
  CompareAppends(folder);
  CompareCatchUp(folder);
  CompareCpu(folder);
}

}  // namespace
}  // namespace eventlog::bench

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("Allocations and CPU time of the service for an event, beside bare servers.");
  absl::ParseCommandLine(argc, argv);
  eventlog::bench::Run();
}
