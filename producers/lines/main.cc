// lines: standard input to events, one a line.
//
// Exit codes: 0 every line is kept, 1 a line was refused or not acknowledged in time, 2 wrong flags.

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/channel.h"
#include "eventlog-svc/client/event_log_client.h"
#include "glog/logging.h"
#include "producers/lines/line_producer.h"

ABSL_FLAG(std::string, server, "127.0.0.1:7431", "HOST:PORT of the log service");
ABSL_FLAG(std::string, log, "", "the log; \"events\" when empty");
ABSL_FLAG(std::string, type, "line.read", "type of the events");
ABSL_FLAG(std::string, subject, "", "subject of the events");
ABSL_FLAG(std::string, source, "", "source of the events");
ABSL_FLAG(int64_t, line_bytes_max, 1024 * 1024 - 4096, "a longer line is refused, in bytes");
ABSL_FLAG(int, timeout_s, 60, "how long to wait for the last answers at the end of the input, in seconds");
ABSL_FLAG(bool, print_acks, false, "print {\"line\":n,\"offset\":k} on standard output for each line that is kept");

namespace {

constexpr size_t kChunkBytes = 64 * 1024;

// Feeds lines to the producer until the input ends or a signal comes.
void ReadLines(int signals, int64_t line_bytes_max, eventlog::LineProducer& producer) {
  std::string pending;
  std::vector<char> chunk(kChunkBytes);
  while (true) {
    pollfd ready[] = {{STDIN_FILENO, POLLIN, 0}, {signals, POLLIN, 0}};
    if (poll(ready, 2, -1) < 0) continue;
    if (ready[1].revents != 0) break;
    const ssize_t size = read(STDIN_FILENO, chunk.data(), chunk.size());
    if (size <= 0) break;
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
  if (!pending.empty()) producer.Append(pending);
}

}  // namespace

int main(int argc, char** argv) {
  FLAGS_logtostderr = true;
  google::InitGoogleLogging(argv[0]);
  absl::SetProgramUsageMessage("Appends each line of standard input as an event. Waits rather than loses.");
  if (absl::ParseCommandLine(argc, argv).size() > 1 || absl::GetFlag(FLAGS_type).empty()) {
    std::fprintf(stderr, "lines: takes flags only, and --type must not be empty; see --help\n");
    return 2;
  }
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  const int signals = signalfd(-1, &stop, SFD_CLOEXEC);

  eventlog::EventLogClientOptions options;
  options.log = absl::GetFlag(FLAGS_log);
  eventlog::EventLogClient client(eventlog::NewChannel(absl::GetFlag(FLAGS_server)), std::move(options));
  eventlog::LineProducer producer(client,
                                  {absl::GetFlag(FLAGS_type), absl::GetFlag(FLAGS_subject), absl::GetFlag(FLAGS_source),
                                   absl::GetFlag(FLAGS_line_bytes_max), absl::GetFlag(FLAGS_print_acks)});
  ReadLines(signals, absl::GetFlag(FLAGS_line_bytes_max), producer);
  client.Close(absl::Now() + absl::Seconds(absl::GetFlag(FLAGS_timeout_s)));
  const eventlog::LineCounts counts = producer.counts();
  std::fprintf(stderr, "lines: read %lld, acknowledged %lld, refused %lld\n", static_cast<long long>(counts.read),
               static_cast<long long>(counts.acknowledged), static_cast<long long>(counts.refused));
  return counts.acknowledged == counts.read ? 0 : 1;
}
