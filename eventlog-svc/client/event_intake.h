// Whether a client takes an event: what becomes of those that come too late, too large or too many, with the counts.

#ifndef EVENTLOG_SVC_CLIENT_EVENT_INTAKE_H_
#define EVENTLOG_SVC_CLIENT_EVENT_INTAKE_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "eventlog-svc/client/append_queue.h"
#include "eventlog-svc/client/drop_burst.h"
#include "eventlog-svc/client/event_log_client_counters.h"

namespace eventlog {

// Not thread safe.
class EventIntake {
 public:
  // What is decided about an event.
  struct Admission {
    absl::Status why_dropped;  // it, or those that it displaces
    absl::Status rejected;     // it counts as taken, but its answer is known
    std::vector<AppendQueue::Entry> displaced;
    bool refused = false;  // it is not taken
    int64_t dropped = 0;
    bool burst_begins = false;

    bool goes_into_queue() const { return !refused && rejected.ok(); }
  };

  EventIntake(WhenFull when_full, int64_t event_bytes_max) : when_full_(when_full), event_bytes_max_(event_bytes_max) {}

  // Decides, makes room in the queue, and counts.
  Admission Admit(int64_t bytes, AppendQueue& queue, EventLogClientCounters& counters);
  void Close() { closed_ = true; }
  bool closed() const { return closed_; }
  // From now on all events are rejected for this.
  void Fence(const absl::Status& why) { fenced_ = why; }
  // The queue was answered: how many a burst of drops had that is over with it; 0 when there is none.
  int64_t EndBurst(const AppendQueue& queue) { return queue.HalfEmpty() ? burst_.End() : 0; }
  int64_t EndBurst() { return burst_.End(); }

 private:
  const WhenFull when_full_;
  const int64_t event_bytes_max_;
  bool closed_ = false;
  absl::Status fenced_;
  DropBurst burst_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_EVENT_INTAKE_H_
