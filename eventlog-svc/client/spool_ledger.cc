#include "eventlog-svc/client/spool_ledger.h"

#include <cstdint>
#include <iterator>
#include <memory>
#include <utility>

#include "eventlog-svc/client/rpc_error.h"

namespace eventlog {

void SpoolLedger::Answered(const AppendQueue::Batch& batch) {
  answered_.push_back(SpoolBatches::OutlineOf(batch));
  // There may be events that waited for less to be unanswered.
  news_ = true;
}

void SpoolLedger::Refused(const AppendQueue::Batch& batch, const absl::Status& why) {
  refused_.push_back({SpoolBatches::OutlineOf(batch), RpcErrorText(why)});
}

SpoolLedger::Work SpoolLedger::Take(const AppendQueue& queue, const std::string& name, int64_t epoch, bool last) {
  Work work;
  work.answered = std::exchange(answered_, {});
  work.refused = std::exchange(refused_, {});
  work.replaced = std::exchange(replaced_, false) || !work.refused.empty();
  if (work.replaced) {
    work.numbering = {name, epoch, queue.next_sequence()};
    for (const std::shared_ptr<AppendQueue::Batch>& batch : queue.in_flight()) {
      work.unanswered.push_back(SpoolBatches::OutlineOf(*batch));
    }
  }
  work.next = !last && queue.CanAddBatch() && std::exchange(news_, false);
  work.only_full = !queue.CanAddPartialBatch();
  return work;
}

void SpoolLedger::PutBack(Work work) {
  answered_.insert(answered_.begin(), work.answered.begin(), work.answered.end());
  refused_.insert(refused_.begin(), std::make_move_iterator(work.refused.begin()),
                  std::make_move_iterator(work.refused.end()));
  replaced_ = replaced_ || work.replaced;
  news_ = news_ || work.next;
}

absl::StatusOr<std::optional<AppendQueue::Batch>> SpoolLedger::Work::Write(SpoolBatches& spool) {
  if (absl::Status written = spool.Acknowledge(answered); !written.ok()) return written;
  answered.clear();
  if (replaced) {
    if (absl::Status written = spool.Replace(numbering, unanswered, refused); !written.ok()) return written;
    replaced = false;
    refused.clear();
  }
  if (!next) return std::nullopt;
  return spool.Next(only_full);
}

}  // namespace eventlog
