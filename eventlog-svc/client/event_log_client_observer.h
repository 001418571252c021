// What somebody who counts and measures wants to hear of an EventLogClient, for metrics.

#ifndef EVENTLOG_SVC_CLIENT_EVENT_LOG_CLIENT_OBSERVER_H_
#define EVENTLOG_SVC_CLIENT_EVENT_LOG_CLIENT_OBSERVER_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace eventlog {

// Called on threads of the client and of its callers, several at once, and never under a lock of the client. Each call
// must return soon, and must not call Flush or Close.
class EventLogClientObserver {
 public:
  struct AnsweredBatch {
    int64_t events = 0;
    int64_t bytes = 0;
    // From when it was first written by this client.
    absl::Duration latency;
    absl::Status outcome;    // OK: in the log
    bool duplicate = false;  // the log had it from an earlier try
  };

  virtual ~EventLogClientObserver() = default;

  // On the thread that reads answers, or the sending one for a refusal.
  virtual void OnBatchAnswered(const AnsweredBatch& batch) {}
  // On the thread that called AppendEvent.
  virtual void OnDropped(int64_t events) {}
  // What is waiting or unanswered, in this process; after each event taken and each batch answered, on those threads.
  virtual void OnQueueDepth(int64_t events, int64_t bytes) {}
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_EVENT_LOG_CLIENT_OBSERVER_H_
