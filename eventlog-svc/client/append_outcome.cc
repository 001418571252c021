#include "eventlog-svc/client/append_outcome.h"

#include "absl/time/clock.h"

namespace eventlog {

void AppendOutcome::CallDone(std::vector<AppendQueue::Entry>& entries) const {
  int64_t index = 0;
  for (AppendQueue::Entry& entry : entries) {
    const int64_t place = index++;
    if (!entry.done) continue;
    if (first_offset_.ok()) {
      entry.done(*first_offset_ + place);
    } else {
      entry.done(first_offset_.status());
    }
  }
}

void AppendOutcome::Observe(const AppendQueue::Batch& batch, EventLogClientObserver* observer) const {
  if (observer == nullptr) return;
  EventLogClientObserver::AnsweredBatch answered;
  answered.events = static_cast<int64_t>(batch.entries.size());
  answered.bytes = batch.bytes;
  answered.latency = absl::Now() - batch.sent;
  answered.outcome = first_offset_.status();
  answered.duplicate = duplicate_;
  observer->OnBatchAnswered(answered);
}

}  // namespace eventlog
