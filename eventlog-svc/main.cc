// eventlog-svc: flags, one server, signals.
//
// Exit codes: 0 stopped as asked, 1 failed while running, 2 wrong flags, 3 could not start.

#include <malloc.h>
#include <pthread.h>
#include <signal.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "eventlog-svc/client/file_limit.h"
#include "eventlog-svc/client/listen_address.h"
#include "eventlog-svc/client/program_flags.h"
#include "eventlog-svc/server.h"
#include "glog/logging.h"

ABSL_FLAG(std::string, listen, "127.0.0.1:7431", "HOST:PORT of the gRPC service; port 0 takes a free one");
ABSL_FLAG(std::string, http_listen, "127.0.0.1:3001", "HOST:PORT of /stats, /metrics, /livez and /readyz");
ABSL_FLAG(std::string, engine, "embedded",
          "where events are kept: embedded (this disk) or memory (gone with the process)");
ABSL_FLAG(std::string, data_dir, "", "folder of the embedded engine; $XDG_STATE_HOME/eventlog when empty");
ABSL_FLAG(int64_t, max_event_bytes, 1024 * 1024, "size limit of one event, in bytes; 1 to 4194304");
ABSL_FLAG(int64_t, segment_bytes, 64 * 1024 * 1024, "size of a file of the log, in bytes; at least 4096");
ABSL_FLAG(int64_t, memory_bytes, 256 * 1024 * 1024, "what the memory engine keeps, in bytes");
ABSL_FLAG(int, retention_interval_s, 10, "how often logs are held against their retention, in seconds; 1 to 3600");
ABSL_FLAG(int, drain_timeout_s, 2, "how long calls may go on after SIGTERM, in seconds; 0 to 60");
ABSL_FLAG(bool, insecure, false, "allow listening on other addresses than the loopback, without TLS and token");

namespace {

constexpr int kExitFailed = 1;
constexpr int kExitNotStarted = 3;
constexpr int64_t kEventBytesMax = 4 * 1024 * 1024;
constexpr int64_t kSegmentBytesMin = 4096;
constexpr int kDrainSecondsMax = 60;
constexpr int kRetentionSecondsMax = 3600;

std::string DefaultDataDir() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state != '\0') {
    return absl::StrCat(state, "/eventlog");
  }
  const char* home = std::getenv("HOME");
  return absl::StrCat(home != nullptr ? home : "", "/.local/state/eventlog");
}

absl::StatusOr<eventlog::ServerOptions> OptionsFromFlags() {
  eventlog::ServerOptions options;
  const bool insecure = absl::GetFlag(FLAGS_insecure);
  const auto listen = eventlog::ParseListenFlag("listen", absl::GetFlag(FLAGS_listen), insecure);
  if (!listen.ok()) return listen.status();
  const auto http_listen = eventlog::ParseListenFlag("http_listen", absl::GetFlag(FLAGS_http_listen), insecure);
  if (!http_listen.ok()) return http_listen.status();
  options.listen = *listen;
  options.http_listen = *http_listen;
  options.engine = absl::GetFlag(FLAGS_engine);
  if (options.engine != "embedded" && options.engine != "memory") {
    return absl::InvalidArgumentError(
        absl::StrCat("--engine=", options.engine, " is not known; right is embedded or memory"));
  }
  options.data_dir = absl::GetFlag(FLAGS_data_dir);
  if (options.data_dir.empty()) options.data_dir = DefaultDataDir();
  options.service.limits.event_bytes_max = absl::GetFlag(FLAGS_max_event_bytes);
  if (options.service.limits.event_bytes_max < 1 || options.service.limits.event_bytes_max > kEventBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat("--max_event_bytes: right is 1 to ", kEventBytesMax));
  }
  options.segment_bytes_max = absl::GetFlag(FLAGS_segment_bytes);
  if (options.segment_bytes_max < kSegmentBytesMin) {
    return absl::InvalidArgumentError(absl::StrCat("--segment_bytes: right is ", kSegmentBytesMin, " or more"));
  }
  options.memory_bytes_max = absl::GetFlag(FLAGS_memory_bytes);
  if (options.memory_bytes_max < 1) return absl::InvalidArgumentError("--memory_bytes: right is 1 or more");
  const int retention_seconds = absl::GetFlag(FLAGS_retention_interval_s);
  if (retention_seconds < 1 || retention_seconds > kRetentionSecondsMax) {
    return absl::InvalidArgumentError(absl::StrCat("--retention_interval_s: right is 1 to ", kRetentionSecondsMax));
  }
  options.retention_interval = absl::Seconds(retention_seconds);
  const int drain_seconds = absl::GetFlag(FLAGS_drain_timeout_s);
  if (drain_seconds < 0 || drain_seconds > kDrainSecondsMax) {
    return absl::InvalidArgumentError(absl::StrCat("--drain_timeout_s: right is 0 to ", kDrainSecondsMax));
  }
  options.drain_timeout = absl::Seconds(drain_seconds);
  return options;
}

// Buffers of messages and groups come and go all the time: the allocator keeps some of their memory instead of giving
// it back to the system, which would have to clear its pages each time. Where that fails it is only slower.
void KeepFreedMemory() {
  constexpr int kKeptBytesMax = 16 * 1024 * 1024;  // of each of the allocator's arenas
  constexpr int kGrowthBytes = 4 * 1024 * 1024;
  mallopt(M_MMAP_THRESHOLD, kKeptBytesMax);
  mallopt(M_TRIM_THRESHOLD, kKeptBytesMax);
  mallopt(M_TOP_PAD, kGrowthBytes);
}

}  // namespace

int main(int argc, char** argv) {
  KeepFreedMemory();
  // Tests look for cycles of locks; here the look would cost more than the lock.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  FLAGS_logtostderr = true;
  google::InitGoogleLogging(argv[0]);
  eventlog::ParseProgramFlags(
      {"The durable event log as a gRPC service. Prints one ready line; logs go to standard error.",
       "eventlog-svc/main.cc"},
      argc, argv);
  const absl::StatusOr<eventlog::ServerOptions> options = OptionsFromFlags();
  if (!options.ok()) {
    std::fprintf(stderr, "eventlog-svc: %s\n", std::string(options.status().message()).c_str());
    return eventlog::kExitFlagsWrong;
  }
  // Blocked in every thread; the main one waits for them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  const absl::Status files = eventlog::RaiseFileLimit();
  LOG_IF(WARNING, !files.ok()) << files;

  absl::StatusOr<std::unique_ptr<eventlog::Server>> server = eventlog::Server::Start(*options);
  if (!server.ok()) {
    std::fprintf(stderr, "eventlog-svc: %s\n", std::string(server.status().message()).c_str());
    return kExitNotStarted;
  }
  std::printf("ready grpc=%s http=%s\n", (*server)->grpc_address().ToString().c_str(),
              (*server)->http_address().ToString().c_str());
  std::fflush(stdout);
  int received = 0;
  sigwait(&signals, &received);
  LOG(INFO) << "stopping on " << (received == SIGTERM ? "SIGTERM" : "SIGINT");
  return (*server)->Stop().ok() ? 0 : kExitFailed;
}
