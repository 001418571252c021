// told_producer: a producer that tells a pipe what it was told, so that what was promised outlives it.
//
// Commands come on standard input, a line each: "append N" appends N events, "counters" prints them. On standard output
// it says "kept N" or "refused N" for the N-th event after AppendEvent has returned, "done" after each command, and the
// counters as one line of JSON. At the end of the input it closes the client, and ends with 0 when all was answered.

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/event_log_client.h"
#include "glog/logging.h"

ABSL_FLAG(std::string, server, "", "HOST:PORT, or several with commas between");
ABSL_FLAG(std::string, subject, "", "of the events, whose text is {\"number\":N}");
ABSL_FLAG(std::string, spool, "", "the spool's folder; empty: none");
ABSL_FLAG(std::string, when_full, "newest", "newest, oldest or block");
ABSL_FLAG(int64_t, events_max, 1'000'000, "bound of the queue, or of the spool");
ABSL_FLAG(int64_t, block_ms, 20, "for --when_full=block, in milliseconds");
ABSL_FLAG(int, events_per_second, 0, "0: as many as it can");
ABSL_FLAG(int, close_timeout_s, 60, "in seconds");

namespace {

// In one write, which a pipe takes whole: what was told is never half a line.
void Tell(const std::string& line) {
  const std::string text = line + "\n";
  PCHECK(write(STDOUT_FILENO, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
}

eventlog::WhenFull WhenFullFlag() {
  const std::string value = absl::GetFlag(FLAGS_when_full);
  if (value == "newest") return eventlog::WhenFull::kDropNewest;
  if (value == "oldest") return eventlog::WhenFull::kDropOldest;
  CHECK_EQ(value, "block");
  return eventlog::WhenFull::kBlock;
}

// The number of the next event.
int64_t Append(eventlog::EventLogClient& client, int64_t first, int64_t count) {
  const int rate = absl::GetFlag(FLAGS_events_per_second);
  const absl::Time begin = absl::Now();
  absl::Notification never;
  for (int64_t i = 0; i < count; ++i) {
    if (rate > 0) never.WaitForNotificationWithDeadline(begin + absl::Seconds(1) * i / rate);
    eventlog::v1::Event event;
    event.set_type("load.told");
    event.set_subject(absl::GetFlag(FLAGS_subject));
    event.set_text(absl::StrFormat("{\"number\":%d}", first + i));
    Tell(absl::StrCat(client.AppendEvent(std::move(event)).ok() ? "kept " : "refused ", first + i));
  }
  return first + count;
}

void TellCounters(const eventlog::EventLogClient& client) {
  const eventlog::EventLogClientCounters counters = client.counters();
  Tell(absl::StrFormat(
      "{\"queued\":%d,\"acknowledged\":%d,\"rejected\":%d,\"dropped\":%d,\"displaced\":%d,\"connections\":%d}",
      counters.queued, counters.acknowledged, counters.rejected, counters.dropped, counters.displaced,
      counters.connections));
}

}  // namespace

int main(int argc, char** argv) {
  FLAGS_logtostderr = true;
  google::InitGoogleLogging(argv[0]);
  absl::ParseCommandLine(argc, argv);
  eventlog::EventLogClientOptions options;
  options.queue.when_full = WhenFullFlag();
  options.queue.block_max = absl::Milliseconds(absl::GetFlag(FLAGS_block_ms));
  options.queue.events_max = absl::GetFlag(FLAGS_events_max);
  // Many batches make many moments.
  options.queue.batch_events_max = 50;
  if (!absl::GetFlag(FLAGS_spool).empty()) {
    options.spool.emplace();
    options.spool->folder = absl::GetFlag(FLAGS_spool);
    options.spool->events_max = absl::GetFlag(FLAGS_events_max);
  }
  auto client = eventlog::EventLogClient::Open(absl::GetFlag(FLAGS_server), std::move(options));
  if (!client.ok()) {
    std::fprintf(stderr, "told_producer: %s\n", client.status().ToString().c_str());
    return 1;
  }
  int64_t next = 0;
  for (std::string line; std::getline(std::cin, line);) {
    absl::string_view rest = line;
    int64_t count = 0;
    if (absl::ConsumePrefix(&rest, "append ") && absl::SimpleAtoi(rest, &count)) next = Append(**client, next, count);
    if (line == "counters") TellCounters(**client);
    Tell("done");
  }
  const bool answered = (*client)->Close(absl::Now() + absl::Seconds(absl::GetFlag(FLAGS_close_timeout_s)));
  TellCounters(**client);
  return answered ? 0 : 1;
}
