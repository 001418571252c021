// Compares durable appends with NATS JetStream on its file store. `bazel run //tests/bench:nats`.

#include <cstdint>
#include <cstdio>
#include <string>

#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "tests/bench/append_load.h"
#include "tests/bench/bench_run.h"
#include "tests/bench/child_process.h"
#include "tests/bench/comparison.h"
#include "tests/bench/nats_connection.h"
#include "tests/bench/nats_server.h"
#include "tests/bench/unary_load.h"

namespace eventlog::bench {
namespace {

constexpr int kEventBytes = 256;
constexpr Shape kBatched = {100, 64, kEventBytes};
constexpr char kSubject[] = "bench";

void CreateStream(int port) {
  NatsConnection connection(port);
  connection.Send(NatsConnection::Publish(
      "$JS.API.STREAM.CREATE.BENCH",
      absl::StrCat("{\"name\":\"BENCH\",\"subjects\":[\"", kSubject, "\"],\"storage\":\"file\",\"num_replicas\":1}")));
  connection.ReadAnswer();
}

// One connection with so many messages that are not acknowledged; as many are sent as answers have come. Gives
// messages per second.
double PublishPerSecond(int port, int in_flight) {
  NatsConnection connection(port);
  const std::string message = NatsConnection::Publish(kSubject, std::string(kEventBytes, 'x'));
  std::string messages;
  for (int i = 0; i < in_flight; ++i) messages += message;
  const absl::Time start = absl::Now();
  connection.Send(messages);
  int64_t acknowledged = 0;
  for (int waiting = in_flight; waiting > 0;) {
    int come = 0;
    do {
      const std::string answer = connection.ReadAnswer();
      CHECK(absl::StrContains(answer, "\"seq\":")) << answer;
      ++come;
    } while (connection.has_buffered());
    acknowledged += come;
    waiting -= come;
    if (absl::Now() - start >= RunTime()) continue;
    connection.Send(absl::string_view(messages).substr(0, static_cast<size_t>(come) * message.size()));
    waiting += come;
  }
  return static_cast<double>(acknowledged) / absl::ToDoubleSeconds(absl::Now() - start);
}

void Run() {
  if (!HaveNats()) return;
  const BenchFolder folder;
  const ChildProcess ours(EventLogCommand(folder.Path("eventlog")));
  const std::string address = ours.Address("grpc");
  const NatsServer nats(folder.Path("nats"));
  CreateStream(nats.port());
  PrintComparisonHead(
      "appends of 256 B events, events/s; ratio = eventlog-svc / NATS JetStream, file store, 1 replica");
  if (nats.syncs_always()) {
    std::printf("both sync to disk before they acknowledge (NATS: sync_interval always)\n");
  } else {
    std::printf("NOTE: this NATS knows no sync_interval: it acknowledges before it syncs; ours syncs first\n");
  }
  for (const int in_flight : {256, 6400}) {
    Compare(
        absl::StrCat("AppendStream (100, 64) / publish, ", in_flight, " in flight"), Better::kHigher,
        [&] { return RunAppendLoad(address, kBatched, RunTime()).EventsPerSecond(); },
        [&] { return PublishPerSecond(nats.port(), in_flight); });
  }
  const std::string append = MakeAppendRequest(1, kEventBytes).SerializeAsString();
  Compare(
      "Append / publish, one at a time", Better::kHigher,
      [&] { return CallsPerSecond(address, "/eventlog.v1.EventLog/Append", append, 1, RunTime()); },
      [&] { return PublishPerSecond(nats.port(), 1); });
}

}  // namespace
}  // namespace eventlog::bench

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("Durable appends against NATS JetStream, as ratios.");
  absl::ParseCommandLine(argc, argv);
  eventlog::bench::Run();
}
