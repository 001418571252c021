// Events on their way to where they are kept: for a loop that must never wait, not for the disk either.
//
// A bounded queue and a thread of its own, which gives what waits, in order, to a function that may be slow or fail.
// What it could not give it keeps and gives again. What a session says of itself is never given up for its output.
//
// Thread safe.

#ifndef PRODUCERS_SESSION_EVENT_SINK_H_
#define PRODUCERS_SESSION_EVENT_SINK_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "proto/eventlog/v1/event.pb.h"

namespace eventlog {

// Keeps all of them, in their order, or none. kUnavailable: worth another try soon; anything else: later.
using AddEvents = std::function<absl::Status(const std::vector<v1::Event>&)>;

struct EventSinkOptions {
  AddEvents add;                               // called on the sink's thread alone
  int64_t events_max = 10'000;                 // that wait, output aside; what comes beyond is dropped
  int64_t output_bytes_max = 4 * 1024 * 1024;  // of output that waits
  absl::Duration retry_interval = absl::Seconds(1);
};

struct EventSinkCounts {
  int64_t added = 0;
  int64_t events_dropped = 0;  // output aside
  int64_t output_dropped = 0;  // events with output that were taken and could not be kept
  absl::Status last_error;     // of the function; OK when it never failed
};

class EventSink {
 public:
  explicit EventSink(EventSinkOptions options);
  ~EventSink();
  EventSink(const EventSink&) = delete;
  EventSink& operator=(const EventSink&) = delete;

  void Add(v1::Event event) ABSL_LOCKS_EXCLUDED(mutex_);
  // False when too much output waits; then it is not taken.
  bool AddOutput(v1::Event event) ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether all that was added before is kept; waits for it until the deadline, and not after a failure.
  bool Flush(absl::Time deadline) ABSL_LOCKS_EXCLUDED(mutex_);
  // Gives what waits until it is given, an error comes that another try does not help, or the deadline is over (one
  // call of the function may outlast it). The rest is dropped. What is added afterwards is, too.
  EventSinkCounts Close(absl::Time deadline) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Waiting {
    v1::Event event;
    bool output;
    int64_t bytes;
  };

  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  std::vector<Waiting> Take() ABSL_LOCKS_EXCLUDED(mutex_);
  // Whether to go on.
  bool Failed(const absl::Status& error, std::vector<Waiting> batch) ABSL_LOCKS_EXCLUDED(mutex_);
  bool SomethingToDo() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return closing_ || !queue_.empty(); }
  bool IsIdle() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return (queue_.empty() && !giving_) || failing_; }
  bool IsClosing() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return closing_; }

  const EventSinkOptions options_;
  absl::Mutex mutex_;
  std::deque<Waiting> queue_ ABSL_GUARDED_BY(mutex_);
  int64_t events_waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t output_bytes_waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  bool giving_ ABSL_GUARDED_BY(mutex_) = false;   // the function is called
  bool failing_ ABSL_GUARDED_BY(mutex_) = false;  // it failed, the last time
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time deadline_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  EventSinkCounts counts_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_EVENT_SINK_H_
