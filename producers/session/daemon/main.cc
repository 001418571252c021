// sessiond: keeps sessions alive, so that others can attach to them.
//
// Exit codes: 0 ended by SIGTERM, SIGINT or SIGHUP, with all events kept; 1 some are not kept, or a session did not end
// in time; 2 wrong flags; 3 could not start (another sessiond has the socket, a folder cannot be made).

#include <signal.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "boost/system/error_code.hpp"
#include "eventlog-svc/client/program_flags.h"
#include "glog/logging.h"
#include "producers/config/service_flags.h"
#include "producers/config/service_settings.h"
#include "producers/session/event_sink.h"
#include "producers/session/repair_thread.h"
#include "producers/session/session_registry.h"
#include "producers/session/sessiond_journal.h"
#include "producers/session/sessiond_server.h"
#include "producers/session/sessiond_sessions.h"
#include "producers/session/sessiond_socket.h"
#include "producers/session/spool_adder.h"
#include "producers/spool/spool_folder.h"
#include "producers/spool/spool_sender.h"

ABSL_FLAG(std::string, socket, "",
          "path of the socket; where it is not given, EVENTLOG_SESSIOND_SOCKET of the environment, or else "
          "eventlog-sessiond.sock in XDG_RUNTIME_DIR, or else in the folder of the sessions");
ABSL_FLAG(int64_t, scrollback_bytes_max, 1024 * 1024,
          "how much of what a session printed last is kept, in bytes of memory; a client that attaches is sent it");
ABSL_FLAG(int, sessions_max, 500, "how many sessions may run");
ABSL_FLAG(int, clients_max, 1000, "how many clients may be connected");
ABSL_FLAG(int, slow_client_deadline_s, 10,
          "a client that takes nothing for so long, although there is something for it, is ended, in seconds");
ABSL_FLAG(int, idle_after_s, 60, "a session that prints nothing for so long is idle, in seconds");
ABSL_FLAG(int, kill_after_s, 5,
          "a session that is to end, and does not after SIGHUP, gets SIGKILL after so long, in seconds");
ABSL_FLAG(int, stop_timeout_s, 15, "after SIGTERM everything ends within this time, in seconds");

namespace {

using eventlog::EventSink;
using eventlog::SessionRegistry;

constexpr char kSummary[] = "Keeps sessions alive, so that `session attach` can look at them.\n\n";
// Behind what all producers say of the configuration.
constexpr char kConfigurationHelp[] =
    "What is wrong with the file or the environment is told on standard error, and left out: sessions go on. Where no\n"
    "token is left then, their events stay in the spool until the file is right. All sessions of one sessiond go to\n"
    "its server, whatever the environment of those who start them says.\n";

constexpr int kExitFailed = 1;
constexpr int kExitNotStarted = 3;

// The last word on what is kept, in the time that is left.
int Close(EventSink& sink, absl::Time deadline, bool in_time) {
  const eventlog::EventSinkCounts counts = sink.Close(deadline);
  if (counts.events_dropped > 0) {
    LOG(ERROR) << counts.events_dropped << " events are not in the spool (" << counts.last_error
               << "); the end of these sessions is repaired at the next start";
  }
  return in_time && counts.events_dropped == 0 ? 0 : kExitFailed;
}

// Returns the exit code.
int Serve(const eventlog::ServiceSettings& settings, const std::string& log_name, const SessionRegistry& registry,
          std::unique_ptr<eventlog::SessiondSocket> socket) {
  const std::string path = socket->path();
  eventlog::SessiondSessionsOptions options;
  options.server = settings.server;
  options.log = log_name;
  options.sessions_max = static_cast<size_t>(absl::GetFlag(FLAGS_sessions_max));
  options.session.ring_bytes_max = static_cast<size_t>(absl::GetFlag(FLAGS_scrollback_bytes_max));
  options.session.idle_after = absl::Seconds(absl::GetFlag(FLAGS_idle_after_s));
  options.session.kill_patience = absl::Seconds(absl::GetFlag(FLAGS_kill_after_s));
  eventlog::SessiondServerOptions server_options;
  server_options.connections_max = static_cast<size_t>(absl::GetFlag(FLAGS_clients_max));
  server_options.connection.slow_client_deadline = absl::Seconds(absl::GetFlag(FLAGS_slow_client_deadline_s));

  eventlog::SpoolAdder spool({settings.server, log_name, eventlog::EnsureSpoolSender});
  eventlog::SessiondJournal journal(registry,
                                    [&](const std::vector<eventlog::v1::Event>& events) { return spool.Add(events); });
  eventlog::EventSinkOptions sink_options;
  sink_options.add = [&](const std::vector<eventlog::v1::Event>& events) { return journal.Add(events); };
  sink_options.events_max = 100'000;
  EventSink sink(std::move(sink_options));
  boost::asio::io_context context(1);
  boost::asio::signal_set signals(context, SIGTERM, SIGINT, SIGHUP);
  eventlog::SessiondSessions sessions(context, std::move(options), registry, sink);
  eventlog::SessiondServer server(context, server_options, std::move(socket), sessions);
  const eventlog::RepairThread repair(
      registry, {settings.server, log_name, eventlog::EnsureSpoolSender, !settings.token.empty()});

  absl::Time deadline = absl::InfiniteFuture();
  bool in_time = true;
  boost::asio::steady_timer stop_timer(context);
  signals.async_wait([&](const boost::system::error_code&, int) {
    const absl::Duration timeout = absl::Seconds(absl::GetFlag(FLAGS_stop_timeout_s));
    deadline = absl::Now() + timeout;
    stop_timer.expires_after(absl::ToChronoNanoseconds(timeout * 2 / 3));
    stop_timer.async_wait([&](const boost::system::error_code& error) {
      if (error) return;
      in_time = false;
      LOG(ERROR) << sessions.running() << " sessions have not ended in time; the next start repairs them";
      context.stop();
    });
    server.End([&] { context.stop(); });
  });
  server.Run();
  std::printf("ready socket=%s\n", path.c_str());
  std::fflush(stdout);
  context.run();
  return Close(sink, deadline, in_time);
}

bool FlagsAreGood() {
  return absl::GetFlag(FLAGS_scrollback_bytes_max) >= 1024 && absl::GetFlag(FLAGS_sessions_max) > 0 &&
         absl::GetFlag(FLAGS_clients_max) > 0 && absl::GetFlag(FLAGS_slow_client_deadline_s) > 0 &&
         absl::GetFlag(FLAGS_idle_after_s) > 0 && absl::GetFlag(FLAGS_kill_after_s) > 0 &&
         absl::GetFlag(FLAGS_stop_timeout_s) > 0;
}

// Sessions go on whatever is wrong with the configuration.
void Say(const eventlog::ServiceSettings& settings) {
  for (const std::string& problem : settings.problems) LOG(ERROR) << "left out: " << problem;
  for (const std::string& warning : settings.warnings) LOG(WARNING) << warning;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::string(argv[1]) == eventlog::kSpoolSenderWord) {
    return eventlog::RunSpoolSender(std::vector<std::string>(argv + 2, argv + argc));
  }
  FLAGS_logtostderr = true;
  google::InitGoogleLogging(argv[0]);
  eventlog::ParseProgramFlags({absl::StrCat(kSummary, eventlog::kServiceHelp, kConfigurationHelp), "daemon/main.cc",
                               eventlog::kServiceFlagsFile},
                              argc, argv);
  if (!FlagsAreGood()) {
    std::fprintf(stderr, "sessiond: numbers must be positive, --scrollback_bytes_max at least 1024; see --help\n");
    return eventlog::kExitFlagsWrong;
  }
  const eventlog::ServiceFlags flags = eventlog::ProgramServiceFlags();
  const absl::StatusOr<eventlog::ServiceSettings> settings = eventlog::FindServiceSettings(flags);
  if (!settings.ok()) {
    std::fprintf(stderr, "sessiond: %s\n", std::string(settings.status().message()).c_str());
    return eventlog::kExitFlagsWrong;
  }
  // A token of the file stays there: sessiond may live longer than it.
  eventlog::PutIntoEnvironment(settings->config_path, flags.token.value_or(""), flags.insecure);
  Say(*settings);
  const std::string log_flag = eventlog::ProgramLogFlag();
  const std::string log = log_flag.empty() ? eventlog::LogFromEnvironment() : log_flag;
  const std::string folder = eventlog::SessionRegistryFolder();
  const absl::StatusOr<SessionRegistry> registry = SessionRegistry::Open(folder);
  if (!registry.ok()) {
    std::fprintf(stderr, "sessiond: %s\n", std::string(registry.status().message()).c_str());
    return kExitNotStarted;
  }
  std::string path = absl::GetFlag(FLAGS_socket);
  if (path.empty()) path = eventlog::SessiondSocketPath(folder);
  absl::StatusOr<std::unique_ptr<eventlog::SessiondSocket>> socket = eventlog::SessiondSocket::Listen(path);
  if (!socket.ok()) {
    std::fprintf(stderr, "sessiond: %s\n", std::string(socket.status().message()).c_str());
    return kExitNotStarted;
  }
  return Serve(*settings, log, *registry, *std::move(socket));
}
