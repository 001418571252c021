// Tells who gave the events of a batch, and who observes, what became of it.

#ifndef EVENTLOG_SVC_CLIENT_APPEND_OUTCOME_H_
#define EVENTLOG_SVC_CLIENT_APPEND_OUTCOME_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "eventlog-svc/client/append_queue.h"
#include "eventlog-svc/client/event_log_client_observer.h"

namespace eventlog {

// Calls out: never under a lock.
class AppendOutcome {
 public:
  explicit AppendOutcome(absl::StatusOr<int64_t> first_offset, bool duplicate = false)
      : first_offset_(std::move(first_offset)), duplicate_(duplicate) {}

  // Each event's callback, in order.
  void CallDone(std::vector<AppendQueue::Entry>& entries) const;
  // Nothing without an observer.
  void Observe(const AppendQueue::Batch& batch, EventLogClientObserver* observer) const;

 private:
  const absl::StatusOr<int64_t> first_offset_;
  const bool duplicate_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_APPEND_OUTCOME_H_
