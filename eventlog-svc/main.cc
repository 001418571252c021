// eventlog-svc: flags, one server, signals.
//
// Exit codes: 0 stopped as asked, 1 failed while running, 2 wrong flags, 3 could not start.

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/flags/usage_config.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "eventlog-svc/listen_address.h"
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
ABSL_FLAG(int, drain_timeout_s, 2, "how long calls may go on after SIGTERM, in seconds; 0 to 60");
ABSL_FLAG(bool, insecure, false, "allow listening on other addresses than the loopback, without TLS and token");

namespace {

constexpr int kExitFailed = 1;
constexpr int kExitWrongFlags = 2;
constexpr int kExitNotStarted = 3;
constexpr int64_t kEventBytesMax = 4 * 1024 * 1024;
constexpr int64_t kSegmentBytesMin = 4096;
constexpr int kDrainSecondsMax = 60;

std::string DefaultDataDir() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state != '\0') {
    return absl::StrCat(state, "/eventlog");
  }
  const char* home = std::getenv("HOME");
  return absl::StrCat(home != nullptr ? home : "", "/.local/state/eventlog");
}

absl::StatusOr<eventlog::ListenAddress> AddressFlag(const char* flag, const std::string& value) {
  absl::StatusOr<eventlog::ListenAddress> address = eventlog::ParseListenAddress(value);
  if (!address.ok()) return absl::InvalidArgumentError(absl::StrCat("--", flag, ": ", address.status().message()));
  if (!address->is_loopback() && !absl::GetFlag(FLAGS_insecure)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--", flag, "=", value, " is not a loopback address: give --insecure to serve it without TLS"));
  }
  return address;
}

absl::StatusOr<eventlog::ServerOptions> OptionsFromFlags() {
  eventlog::ServerOptions options;
  const auto listen = AddressFlag("listen", absl::GetFlag(FLAGS_listen));
  if (!listen.ok()) return listen.status();
  const auto http_listen = AddressFlag("http_listen", absl::GetFlag(FLAGS_http_listen));
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
  const int drain_seconds = absl::GetFlag(FLAGS_drain_timeout_s);
  if (drain_seconds < 0 || drain_seconds > kDrainSecondsMax) {
    return absl::InvalidArgumentError(absl::StrCat("--drain_timeout_s: right is 0 to ", kDrainSecondsMax));
  }
  options.drain_timeout = absl::Seconds(drain_seconds);
  return options;
}

// Abseil ends the process with 1 on a flag that it does not know, and after --help too; here that is kExitWrongFlags,
// and 0.
std::vector<char*> ParseFlags(int argc, char** argv) {
  static bool parsing = true;
  static int code = kExitWrongFlags;
  for (int i = 1; i < argc; ++i) {
    if (absl::StartsWith(argv[i], "--help") || absl::StartsWith(argv[i], "--version")) code = 0;
  }
  std::atexit([] {
    if (!parsing) return;
    std::fflush(nullptr);
    _exit(code);
  });
  std::vector<char*> rest = absl::ParseCommandLine(argc, argv);
  parsing = false;
  return rest;
}

}  // namespace

int main(int argc, char** argv) {
  FLAGS_logtostderr = true;
  google::InitGoogleLogging(argv[0]);
  absl::SetProgramUsageMessage(
      "The durable event log as a gRPC service. Prints one ready line; logs go to standard error.");
  // Without it --help shows no flags at all: the file is not named like the program.
  absl::FlagsUsageConfig usage;
  usage.contains_help_flags = [](absl::string_view file) { return absl::EndsWith(file, "eventlog-svc/main.cc"); };
  usage.contains_helpshort_flags = usage.contains_help_flags;
  absl::SetFlagsUsageConfig(usage);
  const std::vector<char*> rest = ParseFlags(argc, argv);
  if (rest.size() > 1) {
    std::fprintf(stderr, "eventlog-svc: unexpected argument \"%s\"; see --help\n", rest[1]);
    return kExitWrongFlags;
  }
  const absl::StatusOr<eventlog::ServerOptions> options = OptionsFromFlags();
  if (!options.ok()) {
    std::fprintf(stderr, "eventlog-svc: %s\n", std::string(options.status().message()).c_str());
    return kExitWrongFlags;
  }
  // Blocked in every thread; the main one waits for them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

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
  const bool healthy = (*server)->engine().health().ok();
  (*server)->Stop();
  return healthy ? 0 : kExitFailed;
}
