// Turns lines of text into events and appends them, with back-pressure instead of loss.

#ifndef PRODUCERS_LINES_LINE_PRODUCER_H_
#define PRODUCERS_LINES_LINE_PRODUCER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/event_log_client.h"

namespace eventlog {

struct LineProducerOptions {
  std::string type;
  std::string subject;
  std::string source;
  // A longer line is refused here, by name, and the next one goes on.
  int64_t line_bytes_max = 1024 * 1024;
  // Prints {"line":n,"offset":k} on standard output for each line that is kept.
  bool print_acks = false;
  // Asked while the queue is full: until when a line may still wait. Called again after each try_interval.
  std::function<absl::Time()> give_up_at = [] { return absl::InfiniteFuture(); };
  absl::Duration try_interval = absl::Milliseconds(100);
};

struct LineCounts {
  int64_t read = 0;
  int64_t acknowledged = 0;
  int64_t refused = 0;
  int64_t unanswered = 0;  // of those: not by the log, which did not answer; they may be stored all the same
};

// Append from one thread. The client must be closed, or outlived by this, before it goes.
class LineProducer {
 public:
  LineProducer(EventLogClient& client, LineProducerOptions options) : client_(client), options_(std::move(options)) {}

  // Waits while the client's queue is full, until give_up_at(). A line without its line feed, of any bytes: text that
  // is a JSON value becomes JSON, other text plain text, and what is not UTF-8 binary.
  void Append(absl::string_view line);
  LineCounts counts() const;

 private:
  bool WaitForRoom(int64_t bytes);
  void Refuse(int64_t number, absl::string_view why, bool answered = true);

  EventLogClient& client_;
  const LineProducerOptions options_;
  mutable absl::Mutex mutex_;
  LineCounts counts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace eventlog

#endif  // PRODUCERS_LINES_LINE_PRODUCER_H_
