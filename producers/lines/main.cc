// lines: standard input to events, one a line.
//
// Exit codes: 0 every line is kept, 1 a line was refused or not acknowledged in time, 2 wrong flags or configuration.

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/bearer_token.h"
#include "eventlog-svc/client/channel.h"
#include "eventlog-svc/client/event_log_client.h"
#include "eventlog-svc/client/program_flags.h"
#include "glog/logging.h"
#include "producers/config/service_flags.h"
#include "producers/config/service_settings.h"
#include "producers/lines/line_producer.h"
#include "producers/lines/stop_deadline.h"
#include "producers/spool/spool_folder.h"

ABSL_FLAG(std::string, type, "line.read", "type of the events");
ABSL_FLAG(std::string, subject, "", "subject of the events");
ABSL_FLAG(std::string, source, "", "source of the events");
ABSL_FLAG(int64_t, line_bytes_max, 1024 * 1024 - 4096, "a longer line is refused, in bytes");
ABSL_FLAG(int, timeout_s, 60,
          "how long to wait for the last answers after the end of the input or a first SIGINT or SIGTERM, whichever "
          "comes first, in seconds; a second signal ends the program at once, whatever is not answered");
ABSL_FLAG(int, stop_timeout_s, 5,
          "how long to wait after a SIGINT or SIGTERM without any answer, in seconds; as long as answers come "
          "--timeout_s counts");
ABSL_FLAG(bool, print_acks, false, "print {\"line\":n,\"offset\":k} on standard output for each line that is kept");

namespace {

constexpr char kSummary[] = "Appends each line of standard input as an event. Waits rather than loses.\n\n";
constexpr size_t kChunkBytes = 64 * 1024;
constexpr absl::Duration kSignalInterval = absl::Milliseconds(100);

// SIGINT and SIGTERM, as a descriptor: the first one ends the reading, a second one ends the process.
class StopSignal {
 public:
  explicit StopSignal(eventlog::StopDeadline deadline) : deadline_(deadline) {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    descriptor_ = signalfd(-1, &signals_, SFD_CLOEXEC | SFD_NONBLOCK);
    CHECK_GE(descriptor_, 0) << "signalfd";
  }
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;
  ~StopSignal() { close(descriptor_); }

  int descriptor() const { return descriptor_; }
  // Whether one came. The time for what was read begins with it.
  bool Came() {
    signalfd_siginfo info;
    if (!deadline_.stopped() && read(descriptor_, &info, sizeof(info)) == sizeof(info)) {
      deadline_.Stop(absl::Now());
      pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
      std::fprintf(stderr, "lines: stopped by a signal; appending what was read; a second one ends it at once\n");
    }
    return deadline_.stopped();
  }
  // Until when to wait for the rest of the client's answers.
  absl::Time Deadline(const eventlog::EventLogClient& client) {
    Came();
    const eventlog::EventLogClientCounters counters = client.counters();
    return deadline_.Deadline(absl::Now(), counters.acknowledged + counters.rejected);
  }

 private:
  sigset_t signals_;
  int descriptor_ = -1;
  eventlog::StopDeadline deadline_;
};

// Waits for input and reads it. 0 at its end or when it is to stop, below 0 when it cannot be read.
ssize_t ReadInput(StopSignal& stop, std::vector<char>& chunk) {
  while (!stop.Came()) {
    pollfd ready[] = {{STDIN_FILENO, POLLIN, 0}, {stop.descriptor(), POLLIN, 0}};
    if (poll(ready, 2, -1) < 0 && errno != EINTR) return -1;
    if (ready[0].revents == 0) continue;
    const ssize_t size = read(STDIN_FILENO, chunk.data(), chunk.size());
    // Who gave us the input may have made it non-blocking.
    if (size >= 0 || (errno != EINTR && errno != EAGAIN)) return size;
  }
  return 0;
}

// Feeds lines to the producer until the input ends or a signal comes. False when the input could not be read.
bool ReadLines(StopSignal& stop, int64_t line_bytes_max, eventlog::LineProducer& producer) {
  std::string pending;
  std::vector<char> chunk(kChunkBytes);
  ssize_t size = 0;
  while ((size = ReadInput(stop, chunk)) > 0) {
    const absl::string_view bytes(chunk.data(), static_cast<size_t>(size));
    size_t begin = 0;
    for (size_t end = bytes.find('\n'); end != absl::string_view::npos; end = bytes.find('\n', begin)) {
      pending.append(bytes.data() + begin, end - begin);
      producer.Append(pending);
      pending.clear();
      begin = end + 1;
    }
    // What is already too long is not kept whole: the producer only needs to see that it is.
    if (static_cast<int64_t>(pending.size()) <= line_bytes_max)
      pending.append(bytes.data() + begin, bytes.size() - begin);
  }
  if (size < 0) std::fprintf(stderr, "lines: cannot read the input: %s\n", std::strerror(errno));
  if (pending.empty()) return size == 0;
  if (size == 0 && !stop.Came()) {
    producer.Append(pending);
    return true;
  }
  std::fprintf(stderr, "lines: %zu bytes of an unfinished line are left out\n", pending.size());
  return size == 0;
}

// Waits for the last answers, and meanwhile looks for a signal: nobody else does, and it is blocked until it is seen.
void Drain(StopSignal& stop, absl::Duration timeout, eventlog::EventLogClient& client) {
  const absl::Time end = absl::Now() + timeout;
  const auto deadline = [&] { return std::min(end, stop.Deadline(client)); };
  bool told = false;
  while (!client.Flush(std::min(end, absl::Now() + kSignalInterval)) && absl::Now() < deadline()) {
    if (!told) std::fprintf(stderr, "lines: waiting for the last answers\n");
    told = true;
  }
  client.Close(deadline());
}

// Returns the exit code.
int Report(const eventlog::LineCounts& counts, const std::string& server) {
  if (counts.unanswered > 0) {
    std::fprintf(stderr,
                 "lines: %lld lines are not known to be stored: %s did not answer. Is eventlog-svc running there? "
                 "--server or %s names another address, --timeout_s and --stop_timeout_s wait longer.\n",
                 static_cast<long long>(counts.unanswered), server.c_str(), eventlog::kServerVariable);
  }
  std::fprintf(stderr, "lines: read %lld, acknowledged %lld, refused %lld\n", static_cast<long long>(counts.read),
               static_cast<long long>(counts.acknowledged), static_cast<long long>(counts.refused));
  return counts.acknowledged == counts.read ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  FLAGS_logtostderr = true;
  google::InitGoogleLogging(argv[0]);
  eventlog::ParseProgramFlags(
      {absl::StrCat(kSummary, eventlog::kServiceHelp), "lines/main.cc", eventlog::kServiceFlagsFile}, argc, argv);
  if (absl::GetFlag(FLAGS_type).empty() || absl::GetFlag(FLAGS_timeout_s) < 0 ||
      absl::GetFlag(FLAGS_stop_timeout_s) < 0) {
    std::fprintf(stderr,
                 "lines: --type must not be empty, --timeout_s and --stop_timeout_s not negative; see --help\n");
    return eventlog::kExitFlagsWrong;
  }
  const absl::StatusOr<eventlog::ServiceSettings> settings =
      eventlog::CheckServiceSettings(eventlog::ProgramServiceFlags());
  if (!settings.ok()) {
    std::fprintf(stderr, "lines: %s\n", std::string(settings.status().message()).c_str());
    return eventlog::kExitFlagsWrong;
  }
  for (const std::string& warning : settings->warnings) std::fprintf(stderr, "lines: warning: %s\n", warning.c_str());
  eventlog::SendBearerToken(settings->token);
  const absl::Duration timeout = absl::Seconds(absl::GetFlag(FLAGS_timeout_s));
  // Before any thread exists: all of them inherit the mask.
  StopSignal stop({timeout, absl::Seconds(absl::GetFlag(FLAGS_stop_timeout_s))});

  eventlog::EventLogClientOptions options;
  const std::string log = eventlog::ProgramLogFlag();
  options.log = log.empty() ? eventlog::LogFromEnvironment() : log;
  const std::string& server = settings->server;
  eventlog::EventLogClient client(eventlog::NewChannel(server), std::move(options));
  eventlog::LineProducerOptions producer_options;
  producer_options.type = absl::GetFlag(FLAGS_type);
  producer_options.subject = absl::GetFlag(FLAGS_subject);
  producer_options.source = absl::GetFlag(FLAGS_source);
  producer_options.line_bytes_max = absl::GetFlag(FLAGS_line_bytes_max);
  producer_options.print_acks = absl::GetFlag(FLAGS_print_acks);
  producer_options.give_up_at = [&] { return stop.Deadline(client); };
  eventlog::LineProducer producer(client, std::move(producer_options));
  const bool read = ReadLines(stop, absl::GetFlag(FLAGS_line_bytes_max), producer);
  Drain(stop, timeout, client);
  const int code = Report(producer.counts(), server);
  return read ? code : 1;
}
