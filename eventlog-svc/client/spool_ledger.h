// What became of the batches of a spool, and is not written into it yet.
//
// Answers come on a thread that must not wait for a disk. They are entered here, under the lock of the sender; its
// thread takes all that there is, writes it, and enters again what could not be written.

#ifndef EVENTLOG_SVC_CLIENT_SPOOL_LEDGER_H_
#define EVENTLOG_SVC_CLIENT_SPOOL_LEDGER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventlog-svc/client/append_queue.h"
#include "eventlog-svc/client/spool_batches.h"

namespace eventlog {

// Not thread safe.
class SpoolLedger {
 public:
  // Taken out of a ledger, to be written without its lock.
  struct Work {
    std::vector<SpoolBatches::Outline> answered;
    std::vector<SpoolBatches::Refusal> refused;
    // All that are unanswered, where they are not as they were written before.
    bool replaced = false;
    SpoolBatches::Numbering numbering;
    std::vector<SpoolBatches::Outline> unanswered;
    // A next batch is wanted; only a full one.
    bool next = false;
    bool only_full = false;

    // Writes all of it, and gives the next batch. After an error this has what is still to be written.
    absl::StatusOr<std::optional<AppendQueue::Batch>> Write(SpoolBatches& spool);
  };

  void Answered(const AppendQueue::Batch& batch);
  void Refused(const AppendQueue::Batch& batch, const absl::Status& why);
  // The unanswered batches are others than before, or have other numbers.
  void Replaced() { replaced_ = true; }
  // The spool may have more.
  void News() { news_ = true; }

  bool HasWork(const AppendQueue& queue) const {
    return !answered_.empty() || !refused_.empty() || replaced_ || (news_ && queue.CanAddBatch());
  }
  // All of it. `name` and `epoch` are the producer's. `last`: no next batch is wanted.
  Work Take(const AppendQueue& queue, const std::string& name, int64_t epoch, bool last);
  void PutBack(Work work);

 private:
  std::vector<SpoolBatches::Outline> answered_;
  std::vector<SpoolBatches::Refusal> refused_;
  bool replaced_ = false;
  bool news_ = true;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_SPOOL_LEDGER_H_
