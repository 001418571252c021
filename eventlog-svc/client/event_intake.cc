#include "eventlog-svc/client/event_intake.h"

#include "absl/strings/str_cat.h"

namespace eventlog {

EventIntake::Admission EventIntake::Admit(int64_t bytes, AppendQueue& queue, EventLogClientCounters& counters) {
  Admission admission;
  if (closed_) {
    admission.why_dropped = absl::UnavailableError("the client is closed");
    admission.refused = true;
  } else if (!fenced_.ok()) {
    admission.rejected = fenced_;
  } else if (bytes > event_bytes_max_) {
    admission.rejected =
        absl::InvalidArgumentError(absl::StrCat("the event has ", bytes, " bytes; at most ", event_bytes_max_));
  } else if (!queue.HasRoom(bytes)) {
    if (when_full_ == WhenFull::kDropOldest) admission.displaced = queue.MakeRoom(bytes);
    admission.why_dropped = absl::ResourceExhaustedError("the client's queue is full");
    admission.refused = !queue.HasRoom(bytes);
  }
  const auto displaced = static_cast<int64_t>(admission.displaced.size());
  admission.dropped = displaced + (admission.refused ? 1 : 0);
  counters.displaced += displaced;
  counters.dropped += admission.dropped;
  admission.burst_begins = admission.dropped > 0 && burst_.Add(admission.dropped);
  if (!admission.refused) ++counters.queued;
  if (!admission.rejected.ok()) ++counters.rejected;
  return admission;
}

}  // namespace eventlog
