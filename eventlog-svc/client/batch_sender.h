// Sends the events of a queue in batches, in order, until each is answered: what an EventLogClient is made of.
//
// One ordered stream at a time. A batch that has no answer is sent again as it was, on the next stream, to the next
// address when there are several. An event that the service refuses for good is rejected alone. Events come from
// Append, or, where there is one, from a spool, whose batches are on disk before they are sent.
//
// Pauses and deadlines go by the system's clock, as absl::Mutex does: one that is set back makes a wait under way so
// much longer.

#ifndef EVENTLOG_SVC_CLIENT_BATCH_SENDER_H_
#define EVENTLOG_SVC_CLIENT_BATCH_SENDER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/append_call.h"
#include "eventlog-svc/client/append_queue.h"
#include "eventlog-svc/client/backoff.h"
#include "eventlog-svc/client/event_intake.h"
#include "eventlog-svc/client/event_log_client_counters.h"
#include "eventlog-svc/client/event_log_client_observer.h"
#include "eventlog-svc/client/server_list.h"
#include "eventlog-svc/client/spool_batches.h"
#include "eventlog-svc/client/spool_ledger.h"
#include "proto/eventlog/v1/event_log.pb.h"

namespace eventlog {

struct BatchSenderOptions {
  std::string log;
  std::string producer_id;
  int64_t epoch = 0;
  AppendQueueOptions queue;
  BackoffOptions backoff;
  int64_t event_bytes_max = 4 * 1024 * 1024;
  EventLogClientObserver* observer = nullptr;  // must outlive this
};

// Thread safe.
class BatchSender {
 public:
  BatchSender(ServerList servers, BatchSenderOptions options);
  // What the spool has; its numbering stands for producer_id and epoch, and `unanswered` is what it gave at first.
  BatchSender(ServerList servers, BatchSenderOptions options, std::unique_ptr<SpoolBatches> spool,
              std::vector<AppendQueue::Batch> unanswered);
  // Stops.
  ~BatchSender();

  // As EventLogClient::AppendEvent says; not with a spool.
  absl::Status Append(v1::Event event, AppendDone done);
  bool AwaitRoom(int64_t event_bytes, absl::Time deadline);
  // Until nothing is waiting or unanswered in this process.
  bool AwaitAnswered(absl::Time deadline);
  // Something may have been added to the spool.
  void Notify() {
    absl::MutexLock lock(&mutex_);
    ledger_.News();
  }
  // Append takes no more.
  void CloseIntake() {
    absl::MutexLock lock(&mutex_);
    intake_.Close();
  }
  // Ends. Without a spool everything that is left is rejected.
  void Stop();
  // Why it ended by itself: the spool is damaged. OK: it did not.
  absl::Status spool_failure() const {
    absl::MutexLock lock(&mutex_);
    return spool_failure_;
  }

  EventLogClientCounters counters() const {
    absl::MutexLock lock(&mutex_);
    return counters_;
  }

 private:
  bool AwaitRoomLocked(int64_t bytes, absl::Time deadline) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Run();
  // What happened to the spool's batches is written, and the next one is made. OK without a spool.
  absl::Status TurnSpool();
  // One connection, until it breaks. OK: the next one begins without a pause.
  absl::Status SendBatches();
  // Until the stream broke. Not OK: it was given up for the spool's sake.
  absl::Status WriteBatches(AppendCall& stream);
  void AwaitSomethingToSend() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // All but the events.
  v1::AppendRequest RequestFor(const AppendQueue::Batch& batch) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // On the reading thread. False: the stream must be begun anew.
  bool HandleAnswer(const v1::AppendStreamResponse& response);
  bool HandleAppended(const v1::AppendResponse& appended);
  // On the sending thread, once the stream has ended. Each gives what SendBatches is to return.
  absl::Status HandleError(const absl::Status& status);
  absl::Status HandleRefusal(const absl::Status& status);
  absl::Status HandleTooLarge(const absl::Status& status);
  absl::Status HandleFence(const absl::Status& status);
  // The unanswered batches are numbered anew, in this epoch.
  void Renumber(int64_t epoch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Takes out and counts all that is not answered. Finish must follow.
  std::vector<AppendQueue::Entry> RejectAll() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Tells the outcome of a batch; it was counted in finishing_.
  void Finish(std::vector<AppendQueue::Entry>& entries, const absl::StatusOr<int64_t>& first_offset);
  void TellDepth();

  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || !queue_.empty() || HasSpoolWork(); }
  bool HasSpoolWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return spool_ != nullptr && ledger_.HasWork(queue_);
  }
  bool CanSend() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || broken_ || HasSpoolWork() || HasNext();
  }
  bool HasNext() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return queue_.HasNext(hurrying_ > 0) && (suspects_ == 0 || queue_.sent() == 0);
  }
  bool AllAnswered() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return queue_.empty() && finishing_ == 0; }

  const BatchSenderOptions options_;
  const std::unique_ptr<SpoolBatches> spool_;  // of the sending thread; null: there is none
  ServerList servers_;                         // of the sending thread
  absl::BitGen random_;                        // of backoff_

  mutable absl::Mutex mutex_;
  Backoff backoff_ ABSL_GUARDED_BY(mutex_);
  AppendQueue queue_ ABSL_GUARDED_BY(mutex_);
  std::string producer_id_ ABSL_GUARDED_BY(mutex_);
  int64_t epoch_ ABSL_GUARDED_BY(mutex_);
  SpoolLedger ledger_ ABSL_GUARDED_BY(mutex_);
  absl::Status spool_failure_ ABSL_GUARDED_BY(mutex_);
  EventLogClientCounters counters_ ABSL_GUARDED_BY(mutex_);
  EventIntake intake_ ABSL_GUARDED_BY(mutex_);
  int finishing_ ABSL_GUARDED_BY(mutex_) = 0;  // batches whose callbacks run
  int hurrying_ ABSL_GUARDED_BY(mutex_) = 0;   // callers that wait for all answers
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status last_failure_ ABSL_GUARDED_BY(mutex_);  // OK once something was appended after it
  // The oldest unanswered batches of which one may be too large for the service: sent one at a time.
  int suspects_ ABSL_GUARDED_BY(mutex_) = 0;
  // Of the present stream.
  int64_t answered_offset_ ABSL_GUARDED_BY(mutex_) = 0;          // behind what its last answer told of
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;                  // it takes no more
  std::optional<absl::Status> verdict_ ABSL_GUARDED_BY(mutex_);  // the answer that ended it, when one did
  AppendCall* stream_ ABSL_GUARDED_BY(mutex_) = nullptr;

  std::thread thread_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_BATCH_SENDER_H_
