// The sending side of a spool: which of its events form which batch, on disk before a batch is sent.
//
// The log recognizes a repeat by the producer's name, its epoch, and a batch's first sequence and count, among the last
// 64 batches of a producer. So all of that is on disk before a batch is sent for the first time, whoever comes after us
// sends the same batches again, and at most batches_in_flight_max of them are on disk.

#ifndef EVENTLOG_SVC_CLIENT_SPOOL_BATCHES_H_
#define EVENTLOG_SVC_CLIENT_SPOOL_BATCHES_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventlog-svc/client/append_queue.h"
#include "eventlog-svc/client/spool_database.h"
#include "eventlog-svc/client/spool_options.h"

namespace eventlog {

// For one thread at a time, which must hold the folder's SpoolSenderLock. Errors as in sqlite_database.h; after one
// nothing has changed, and the same call may be made again.
class SpoolBatches {
 public:
  using Batch = AppendQueue::Batch;
  // Whose batches they are. `next_sequence` is that of the next one to be made.
  struct Numbering {
    std::string producer_id;
    int64_t epoch = 0;
    int64_t next_sequence = 0;
  };
  // A batch without its events.
  struct Outline {
    int64_t first_id = 0;
    int64_t last_id = 0;
    int64_t events = 0;
    int64_t bytes = 0;
    int64_t first_sequence = 0;
  };
  struct Refusal {
    Outline batch;
    std::string reason;
  };

  // Of rejected events that are kept aside; beyond either bound the oldest go.
  static constexpr int64_t kRejectedEventsMax = 1'000;
  static constexpr int64_t kRejectedBytesMax = 64 * 1024 * 1024;

  static Outline OutlineOf(const Batch& batch);

  // The folder's present database, as SpoolDatabase::Open gives it; kDataLoss: it was set aside just now, and the next
  // call gives the new one. Only what an earlier sender left unanswered keeps its numbers; behind it the numbering
  // begins anew, in an epoch that is higher than all before. A copy of the folder, which goes on under the same name,
  // is then fenced, or fences us: with one epoch the log would take the events of one for repeats of the other's.
  static absl::StatusOr<std::unique_ptr<SpoolBatches>> Open(const SpoolOptions& options,
                                                            const std::optional<SpoolTarget>& target,
                                                            const AppendQueueOptions& queue);

  const SpoolTarget& target() const { return database_->target(); }
  SpoolDatabase& database() { return *database_; }
  const Numbering& numbering() const { return numbering_; }

  // Those that were made and not answered, oldest first: they may have been sent.
  absl::StatusOr<std::vector<Batch>> Unanswered();
  // Makes the next batch of what waits, if there is any; with `only_full` only if it is full. None as long as something
  // of an earlier sender is unanswered; then numbering() has another epoch.
  absl::StatusOr<std::optional<Batch>> Next(bool only_full);
  // These are in the log: deletes them.
  absl::Status Acknowledge(const std::vector<Outline>& answered);
  // From now on `batches` are all that are unanswered, with this numbering; the events of the refused ones are kept
  // aside.
  absl::Status Replace(const Numbering& numbering, const std::vector<Outline>& batches,
                       const std::vector<Refusal>& refused);

 private:
  SpoolBatches(std::unique_ptr<SpoolDatabase> database, const AppendQueueOptions& queue)
      : queue_(queue), database_(std::move(database)) {}
  absl::Status ReadNumbering();
  void BeginEpoch();
  absl::Status ReadEvents(int64_t first_id, int64_t last_id, bool bounded, Batch& batch);
  absl::Status Insert(const Outline& batch);
  absl::Status Reject(const Refusal& refusal);
  absl::Status WriteNumbering(const Numbering& numbering);
  // Deletes the events of a batch, which leaves the counters to the caller.
  absl::Status Delete(const Outline& batch);

  const AppendQueueOptions queue_;
  const std::unique_ptr<SpoolDatabase> database_;
  Numbering numbering_;
  bool inherited_ = false;  // the numbering is an earlier sender's
  int64_t last_id_ = 0;     // of the last event that is in a batch, or was
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_SPOOL_BATCHES_H_
