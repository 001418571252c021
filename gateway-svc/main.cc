// gateway-svc: flags, one server, signals.
//
// Exit codes: 0 stopped as asked, 2 wrong flags, 3 could not start.

#include <pthread.h>
#include <signal.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "eventlog-svc/client/file_limit.h"
#include "eventlog-svc/client/listen_address.h"
#include "eventlog-svc/client/program_flags.h"
#include "gateway-svc/http/connection_budget.h"
#include "gateway-svc/http/process_figures.h"
#include "gateway-svc/server.h"
#include "glog/logging.h"

ABSL_FLAG(std::string, listen, "127.0.0.1:7432", "IP:PORT of the public WebSocket stream; port 0 takes a free one");
ABSL_FLAG(std::string, ops_listen, "127.0.0.1:7433", "IP:PORT of /livez, /readyz, /metrics, /stats and /admin/");
ABSL_FLAG(std::string, eventlog, "127.0.0.1:7431", "HOST:PORT of the log service");
ABSL_FLAG(std::string, log, "events", "the log that is broadcast");
ABSL_FLAG(int, shards, 0, "threads that serve clients; 0: as many as cores; at most 64");
ABSL_FLAG(int64_t, ring_bytes_max, 64 * 1024 * 1024, "memory for the newest events, in bytes; at least 65536");
ABSL_FLAG(int64_t, cold_cache_bytes_max, 32 * 1024 * 1024, "memory for older events that clients read, in bytes");
ABSL_FLAG(int64_t, connections_max, 15000, "connections to the public port; more are told to come back later");
ABSL_FLAG(int64_t, connections_per_address_max, 0,
          "connections of one IPv4 address or IPv6 /64 network; more are closed at once; 0: no limit");
ABSL_FLAG(int64_t, accepts_per_second_max, 5000,
          "connections taken per second, and as many at once; more wait until it is their turn");
ABSL_FLAG(std::vector<std::string>, allowed_origins, {},
          "origins of web pages that may connect, as https://app.example.com; * allows all; "
          "empty: those of loopback, and the gateway's own when it is an IP address");
ABSL_FLAG(int, slow_client_deadline_s, 30,
          "a client that is behind and takes less than slow_client_bytes_min in so long is closed, in seconds");
ABSL_FLAG(int64_t, slow_client_bytes_min, 16 * 1024,
          "a client that is behind must take so many bytes in slow_client_deadline_s, or all that waits for it");
ABSL_FLAG(int, handshake_deadline_s, 10, "a connection that sends no whole request for so long is closed, in seconds");
ABSL_FLAG(int64_t, header_bytes_max, 16 * 1024, "largest headers of a request, in bytes");
ABSL_FLAG(int, client_messages_per_second, 10,
          "messages and pings of a client, for long; one that sends more is closed");
ABSL_FLAG(int, client_messages_burst, 100, "messages and pings that a client may send at once");
ABSL_FLAG(int, linger_ms_max, 20, "most that the gateway itself waits, under load, to send more events at a time");
ABSL_FLAG(bool, deflate, true,
          "accept permessage-deflate: each batch is compressed once, for all clients that take it");
ABSL_FLAG(int, deflate_level, 1, "1 (least work) to 9 (fewest bytes)");
ABSL_FLAG(int, pong_deadline_s, 60, "a client that does not answer a ping for so long is closed, in seconds");
ABSL_FLAG(int, send_buffer_bytes, 0, "kernel send buffer of a client's socket, in bytes; 0 leaves it to the system");
ABSL_FLAG(int, drain_ms, 1000, "over how long closes are spread on SIGTERM, in milliseconds; at most 60000");
ABSL_FLAG(bool, insecure, false, "allow listening on other addresses than the loopback, without TLS and token");

namespace {

constexpr int kExitNotStarted = 3;
// Of the log service's channels, threads, the operations port and the program itself.
constexpr int64_t kOtherFiles = 64;
constexpr int64_t kMemoryBytesMin = 64 * 1024;

// An address that can be bound: the loopback's name is what it means.
absl::StatusOr<eventlog::ListenAddress> AddressFlag(const char* flag, const std::string& value) {
  absl::StatusOr<eventlog::ListenAddress> address =
      eventlog::ParseListenFlag(flag, value, absl::GetFlag(FLAGS_insecure));
  if (address.ok() && address->host == "localhost") address->host = "127.0.0.1";
  return address;
}

absl::Status CheckRange(const char* flag, int64_t value, int64_t least, int64_t most) {
  if (value >= least && value <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("--", flag, "=", value, ": right is ", least, " to ", most));
}

absl::Status CheckRanges() {
  constexpr int64_t kMost = int64_t{1} << 40;
  for (const absl::Status& status : {
           CheckRange("shards", absl::GetFlag(FLAGS_shards), 0, 64),
           CheckRange("ring_bytes_max", absl::GetFlag(FLAGS_ring_bytes_max), kMemoryBytesMin, kMost),
           CheckRange("cold_cache_bytes_max", absl::GetFlag(FLAGS_cold_cache_bytes_max), kMemoryBytesMin, kMost),
           CheckRange("connections_max", absl::GetFlag(FLAGS_connections_max), 1, 1'000'000),
           CheckRange("connections_per_address_max", absl::GetFlag(FLAGS_connections_per_address_max), 0, 1'000'000),
           CheckRange("accepts_per_second_max", absl::GetFlag(FLAGS_accepts_per_second_max), 1, 1'000'000),
           CheckRange("slow_client_bytes_min", absl::GetFlag(FLAGS_slow_client_bytes_min), 0, 1 << 30),
           CheckRange("handshake_deadline_s", absl::GetFlag(FLAGS_handshake_deadline_s), 1, 86'400),
           CheckRange("header_bytes_max", absl::GetFlag(FLAGS_header_bytes_max), 1024, 1 << 20),
           CheckRange("client_messages_per_second", absl::GetFlag(FLAGS_client_messages_per_second), 1, 1'000'000),
           CheckRange("client_messages_burst", absl::GetFlag(FLAGS_client_messages_burst), 1, 1'000'000),
           CheckRange("linger_ms_max", absl::GetFlag(FLAGS_linger_ms_max), 0, 10'000),
           CheckRange("deflate_level", absl::GetFlag(FLAGS_deflate_level), 1, 9),
           CheckRange("slow_client_deadline_s", absl::GetFlag(FLAGS_slow_client_deadline_s), 1, 86'400),
           CheckRange("pong_deadline_s", absl::GetFlag(FLAGS_pong_deadline_s), 1, 86'400),
           CheckRange("send_buffer_bytes", absl::GetFlag(FLAGS_send_buffer_bytes), 0, 1 << 30),
           CheckRange("drain_ms", absl::GetFlag(FLAGS_drain_ms), 0, 60'000),
       }) {
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

void SetClientOptions(gateway::ClientOptions& client) {
  client.header_bytes_max = static_cast<size_t>(absl::GetFlag(FLAGS_header_bytes_max));
  client.handshake_deadline = absl::Seconds(absl::GetFlag(FLAGS_handshake_deadline_s));
  client.slow_client_bytes_min = static_cast<size_t>(absl::GetFlag(FLAGS_slow_client_bytes_min));
  client.slow_client_deadline = absl::Seconds(absl::GetFlag(FLAGS_slow_client_deadline_s));
  client.pong_deadline = absl::Seconds(absl::GetFlag(FLAGS_pong_deadline_s));
  client.socket.send_buffer_bytes = absl::GetFlag(FLAGS_send_buffer_bytes);
  client.client_frames_per_second = absl::GetFlag(FLAGS_client_messages_per_second);
  client.client_frames_burst = absl::GetFlag(FLAGS_client_messages_burst);
  client.linger_max = absl::Milliseconds(absl::GetFlag(FLAGS_linger_ms_max));
  client.deflate = absl::GetFlag(FLAGS_deflate);
  client.deflate_level = absl::GetFlag(FLAGS_deflate_level);
}

absl::StatusOr<gateway::ServerOptions> OptionsFromFlags() {
  const absl::Status ranges = CheckRanges();
  if (!ranges.ok()) return ranges;
  gateway::ServerOptions options;
  const auto listen = AddressFlag("listen", absl::GetFlag(FLAGS_listen));
  if (!listen.ok()) return listen.status();
  const auto ops_listen = AddressFlag("ops_listen", absl::GetFlag(FLAGS_ops_listen));
  if (!ops_listen.ok()) return ops_listen.status();
  options.listen = *listen;
  options.ops_listen = *ops_listen;
  options.eventlog = absl::GetFlag(FLAGS_eventlog);
  options.log = absl::GetFlag(FLAGS_log);
  if (options.eventlog.empty()) return absl::InvalidArgumentError("--eventlog: the log service's HOST:PORT is missing");
  if (options.log.empty()) return absl::InvalidArgumentError("--log: the log's name is missing");
  options.shards = absl::GetFlag(FLAGS_shards);
  options.ring_bytes_max = static_cast<size_t>(absl::GetFlag(FLAGS_ring_bytes_max));
  options.cold_cache_bytes_max = static_cast<size_t>(absl::GetFlag(FLAGS_cold_cache_bytes_max));
  options.connections_max = absl::GetFlag(FLAGS_connections_max);
  options.connections_per_address_max = absl::GetFlag(FLAGS_connections_per_address_max);
  options.accepts_per_second_max = static_cast<double>(absl::GetFlag(FLAGS_accepts_per_second_max));
  options.drain = absl::Milliseconds(absl::GetFlag(FLAGS_drain_ms));
  SetClientOptions(options.client);
  for (const std::string& origin : absl::GetFlag(FLAGS_allowed_origins)) {
    if (origin != "*" && (!absl::StrContains(origin, "://") || absl::EndsWith(origin, "/"))) {
      return absl::InvalidArgumentError(
          absl::StrCat("--allowed_origins: \"", origin, "\" is not an origin like https://app.example.com"));
    }
  }
  options.client.origins = gateway::OriginPolicy(absl::GetFlag(FLAGS_allowed_origins));
  return options;
}

// Connections are files. Beyond the limit they wait unaccepted, which is harder to see than a readiness of 503.
void CheckFileLimit(int64_t connections_max) {
  const absl::Status raised = eventlog::RaiseFileLimit();
  LOG_IF(WARNING, !raised.ok()) << raised;
  const int64_t files = gateway::ReadProcessFigures().open_files_max;
  const int64_t needed = connections_max + gateway::ConnectionBudget::kToldMax + kOtherFiles;
  LOG_IF(WARNING, files >= 0 && files < needed)
      << "this process may open " << files << " files, too few for --connections_max=" << connections_max << ": "
      << needed << " are needed (ulimit -n)";
}

}  // namespace

int main(int argc, char** argv) {
  // Tests look for cycles of locks; here the look would cost more than the lock.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  FLAGS_logtostderr = true;
  google::InitGoogleLogging(argv[0]);
  eventlog::ParseProgramFlags(
      {"The gateway: broadcasts a log to WebSocket clients. Prints one ready line; logs go to standard error.",
       "gateway-svc/main.cc"},
      argc, argv);
  absl::StatusOr<gateway::ServerOptions> options = OptionsFromFlags();
  if (!options.ok()) {
    std::fprintf(stderr, "gateway-svc: %s\n", std::string(options.status().message()).c_str());
    return eventlog::kExitFlagsWrong;
  }
  // Blocked in every thread; the main one waits for them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  CheckFileLimit(options->connections_max);

  gateway::Server server(*std::move(options));
  const absl::Status started = server.Start();
  if (!started.ok()) {
    std::fprintf(stderr, "gateway-svc: %s\n", std::string(started.message()).c_str());
    return kExitNotStarted;
  }
  std::fputs(
      absl::StrCat("ready public=", server.public_address().ToString(), " ops=", server.ops_address().ToString(), "\n")
          .c_str(),
      stdout);
  std::fflush(stdout);
  int received = 0;
  sigwait(&signals, &received);
  LOG(INFO) << "stopping on " << (received == SIGTERM ? "SIGTERM" : "SIGINT");
  server.Stop();
  return 0;
}
