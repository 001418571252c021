// What AppendEvent costs its caller: without a spool, with one, and with one that syncs. The log is away at first
// (--server says another), and the bounds are out of reach; prints events a second.
//
//   bazel run //tests/bench:client_append

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/event_log_client.h"
#include "glog/logging.h"

ABSL_FLAG(std::string, server, "127.0.0.1:1", "where the events go; at first to nobody");
ABSL_FLAG(int64_t, events, 50'000, "of each measurement");
ABSL_FLAG(int, event_bytes, 256, "of the payload");

namespace {

void Measure(const char* name, int64_t events, int threads, eventlog::EventLogClientOptions options) {
  options.queue.events_max = 10'000'000;
  options.queue.bytes_max = int64_t{4} << 30;
  auto client = eventlog::EventLogClient::Open(absl::GetFlag(FLAGS_server), std::move(options));
  CHECK(client.ok()) << client.status();
  eventlog::v1::Event event;
  event.set_type("bench.appended");
  event.set_text(std::string(static_cast<size_t>(absl::GetFlag(FLAGS_event_bytes)), 'x'));
  const absl::Time begin = absl::Now();
  std::vector<std::thread> callers;
  for (int t = 0; t < threads; ++t) {
    callers.emplace_back([&] {
      for (int64_t i = 0; i < events / threads; ++i) CHECK((*client)->AppendEvent(event).ok());
    });
  }
  for (std::thread& caller : callers) caller.join();
  const double seconds = absl::ToDoubleSeconds(absl::Now() - begin);
  std::printf("%-28s %10.0f events/s, %6.2f us each\n", name, static_cast<double>(events) / seconds,
              1e6 * seconds / static_cast<double>(events));
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  google::InitGoogleLogging(argv[0]);
  absl::ParseCommandLine(argc, argv);
  const int64_t events = absl::GetFlag(FLAGS_events);
  std::string folder = std::filesystem::temp_directory_path() / "client_append-XXXXXX";
  PCHECK(mkdtemp(folder.data()) != nullptr);
  Measure("no spool, 1 thread", events * 10, 1, {});
  for (const int threads : {1, 8}) {
    eventlog::EventLogClientOptions options;
    options.spool.emplace().folder = folder + "/spool-" + std::to_string(threads);
    Measure(threads == 1 ? "spool, 1 thread" : "spool, 8 threads", events, threads, options);
    options.spool->folder += "-sync";
    options.spool->sync = true;
    Measure(threads == 1 ? "spool with sync, 1 thread" : "spool with sync, 8 threads", events / 10, threads, options);
  }
  std::filesystem::remove_all(folder);
}
