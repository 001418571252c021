// Compares the gateway's fan-out with a bare epoll loop that sends the same frames. `bazel run //tests/bench:fanout`.
//
// A round sends `in flight` events and ends when every client has all of them. The gateway's upstream is a log in the
// memory of this process, so that the gateway is measured and not the disk.

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "gateway-svc/feed/event_encoder.h"
#include "gateway-svc/http/websocket_format.h"
#include "glog/logging.h"
#include "httplib.h"
#include "tests/bench/bench_run.h"
#include "tests/bench/child_process.h"
#include "tests/bench/frame_readers.h"
#include "tests/bench/samples.h"
#include "tests/bench/stub_log_server.h"

ABSL_FLAG(int, clients, 200, "WebSocket clients");
ABSL_FLAG(int, event_bytes, 300, "size of an event's JSON, in bytes");

namespace eventlog::bench {
namespace {

constexpr int kInFlight[] = {1, 10, 200};
constexpr char kMarker[] = "{\"offset\":";
constexpr int64_t kTypicalOffset = 10'000;

// One side of the comparison: how to send events, who receives them, and the process that stands between.
struct Side {
  std::function<void(int)> publish;
  FrameReaders* readers;
  const ChildProcess* server;
  int64_t published = 0;
  Samples deliveries_per_second{}, p50_us{}, p99_us{}, cpu_us_per_delivery{};
};

struct Figures {
  double deliveries_per_second, p50_us, p99_us;
};

Figures Measure(Side& side, int in_flight, absl::Duration duration) {
  const absl::Duration cpu_before = side.server->CpuTime();
  const int64_t published_before = side.published;
  Samples rounds;
  const absl::Time start = absl::Now();
  while (absl::Now() - start < duration) {
    const absl::Time round = absl::Now();
    side.publish(in_flight);
    side.published += in_flight;
    side.readers->AwaitEach(side.published);
    rounds.Add(absl::ToDoubleMicroseconds(absl::Now() - round));
  }
  const double deliveries =
      static_cast<double>(side.published - published_before) * static_cast<double>(absl::GetFlag(FLAGS_clients));
  const Figures figures{deliveries / absl::ToDoubleSeconds(absl::Now() - start), rounds.Quantile(0.5),
                        rounds.Quantile(0.99)};
  side.deliveries_per_second.Add(figures.deliveries_per_second);
  side.p50_us.Add(figures.p50_us);
  side.p99_us.Add(figures.p99_us);
  side.cpu_us_per_delivery.Add(absl::ToDoubleMicroseconds(side.server->CpuTime() - cpu_before) / deliveries);
  return figures;
}

void Compare(Side& ours, Side& bare, int in_flight) {
  const absl::Duration duration = RunTime();
  Measure(ours, in_flight, duration / 4);
  Measure(bare, in_flight, duration / 4);
  for (Side* side : {&ours, &bare}) {
    side->deliveries_per_second = side->p50_us = side->p99_us = side->cpu_us_per_delivery = Samples();
  }
  Samples throughput, p50, p99;
  for (int run = 0; run < Runs(); ++run) {
    // Who comes first changes with each run.
    Figures a{}, b{};
    if (run % 2 == 0) a = Measure(ours, in_flight, duration);
    b = Measure(bare, in_flight, duration);
    if (run % 2 != 0) a = Measure(ours, in_flight, duration);
    throughput.Add(a.deliveries_per_second / b.deliveries_per_second);
    p50.Add(a.p50_us / b.p50_us);
    p99.Add(a.p99_us / b.p99_us);
  }
  std::printf("%9d  %12.0f %12.0f  %5.2f (%4.2f)  %8.0f %8.0f  %5.2f (%4.2f)  %5.2f (%4.2f)  %6.3f %6.3f\n", in_flight,
              ours.deliveries_per_second.Median(), bare.deliveries_per_second.Median(), throughput.Median(),
              throughput.Min(), ours.p50_us.Median(), bare.p50_us.Median(), p50.Median(), p50.Max(), p99.Median(),
              p99.Max(), ours.cpu_us_per_delivery.Median(), bare.cpu_us_per_delivery.Median());
  std::fflush(stdout);
}

// The size of the text with which an event's JSON has event_bytes.
size_t TextBytes() {
  google::protobuf::RepeatedPtrField<v1::Record> records;
  *records.Add() = StubLogServer::MakeRecord(kTypicalOffset, 0);
  const size_t without = gateway::EncodeBlock(kTypicalOffset, kTypicalOffset + 1, records)->events[0].json.size();
  const size_t wanted = static_cast<size_t>(absl::GetFlag(FLAGS_event_bytes));
  CHECK(wanted > without) << "--event_bytes: at least " << without + 1;
  return wanted - without;
}

// The frame that the gateway sends for so many events, made by the gateway's own code.
std::string MakeFrame(int events) {
  google::protobuf::RepeatedPtrField<v1::Record> records;
  for (int i = 0; i < events; ++i) *records.Add() = StubLogServer::MakeRecord(kTypicalOffset + i, TextBytes());
  const gateway::EventBlockPtr block = gateway::EncodeBlock(kTypicalOffset, kTypicalOffset + events, records);
  std::vector<absl::string_view> texts;
  for (const gateway::EncodedEvent& event : block->events) texts.push_back(event.json);
  gateway::EventRun run;
  run.events = texts;
  run.epoch = StubLogServer::kEpoch;
  run.next_offset = block->next_offset;
  return gateway::WebSocketFormat().Events(run);
}

// The connection that feeds the bare server, which ends its clients' connections when this one ends.
class BareSource {
 public:
  explicit BareSource(const std::string& address) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const std::vector<std::string> parts = absl::StrSplit(address, ':');
    int port = 0;
    CHECK(absl::SimpleAtoi(parts.at(1), &port));
    sockaddr_in peer{};
    peer.sin_family = AF_INET;
    peer.sin_port = htons(static_cast<uint16_t>(port));
    peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    PCHECK(fd_ >= 0 && connect(fd_, reinterpret_cast<sockaddr*>(&peer), sizeof(peer)) == 0);
  }
  ~BareSource() { close(fd_); }
  BareSource(const BareSource&) = delete;
  BareSource& operator=(const BareSource&) = delete;

  void Send(const std::string& frame) const {
    PCHECK(send(fd_, frame.data(), frame.size(), 0) == static_cast<ssize_t>(frame.size()));
  }

 private:
  const int fd_;
};

// A client that comes before the gateway has heard of the log is told to come again.
void AwaitReady(const ChildProcess& gateway) {
  httplib::Client operations(absl::StrCat("http://", gateway.Address("ops")));
  for (auto answer = operations.Get("/readyz"); !answer || answer->status != 200; answer = operations.Get("/readyz")) {
  }
}

void Run() {
  const int clients = absl::GetFlag(FLAGS_clients);
  StubLogServer log;
  const ChildProcess gateway({"gateway-svc/gateway-svc", "--listen=127.0.0.1:0", "--ops_listen=127.0.0.1:0",
                              absl::StrCat("--eventlog=", log.address())});
  log.AwaitSubscriber();
  AwaitReady(gateway);
  const ChildProcess bare({"tests/bench/bare_fanout_server"});
  const BareSource source(bare.Address("tcp"));  // outlives the readers
  const int64_t idle_bytes = gateway.ResidentBytes();
  FrameReaders gateway_readers(gateway.Address("public"), clients, "/api/events/firehose", kMarker);
  FrameReaders bare_readers(bare.Address("tcp"), clients, "", kMarker);
  Side ours{[&, text_bytes = TextBytes()](int count) { log.Publish(count, text_bytes); }, &gateway_readers, &gateway};
  std::map<int, std::string> frames;
  for (const int count : kInFlight) frames[count] = MakeFrame(count);
  Side base{[&](int count) { source.Send(frames.at(count)); }, &bare_readers, &bare};
  std::printf(
      "fan-out of %d B events to %d WebSocket clients, %d alternating runs of %d ms; medians, the worst run in "
      "parentheses\nratio = gateway-svc / bare epoll loop: throughput above 1 is better, latency below 1 is better\n"
      "in flight  deliveries/s         bare  ratio         p50 us     bare  ratio         p99 ratio     CPU us, bare\n",
      absl::GetFlag(FLAGS_event_bytes), clients, Runs(), static_cast<int>(absl::ToInt64Milliseconds(RunTime())));
  for (const int in_flight : kInFlight) Compare(ours, base, in_flight);
  std::printf("resident memory of the gateway: %.1f MiB without clients, %.1f MiB now, %.1f MiB the bare loop\n",
              static_cast<double>(idle_bytes) / (1 << 20), static_cast<double>(gateway.ResidentBytes()) / (1 << 20),
              static_cast<double>(bare.ResidentBytes()) / (1 << 20));
}

}  // namespace
}  // namespace eventlog::bench

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("The gateway's fan-out against a bare epoll loop, as ratios.");
  absl::ParseCommandLine(argc, argv);
  eventlog::bench::Run();
}
