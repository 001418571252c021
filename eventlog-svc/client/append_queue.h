// Events on their way to the log: those that wait, and the batches that were sent and are not answered.
//
// A batch keeps its composition and its sequence until it is answered, so that sending it again is recognized by the
// log. Batches fill while answers are outstanding: without a linger there is no timer.

#ifndef EVENTLOG_SVC_CLIENT_APPEND_QUEUE_H_
#define EVENTLOG_SVC_CLIENT_APPEND_QUEUE_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "proto/eventlog/v1/event_log.pb.h"

namespace eventlog {

// Called once with the event's offset, or with why it was not appended.
using AppendDone = absl::AnyInvocable<void(absl::StatusOr<int64_t>)>;

// What becomes of an event for which there is no room.
enum class WhenFull {
  kDropNewest,  // it is not taken
  kDropOldest,  // the oldest that were not sent yet are taken out; where that makes no room it is not taken
  kBlock,       // AppendEvent waits for room, block_max at most, and then does not take it
};

struct AppendQueueOptions {
  int64_t events_max = 65'536;  // waiting and unanswered together
  int64_t bytes_max = 64 * 1024 * 1024;
  WhenFull when_full = WhenFull::kDropNewest;
  absl::Duration block_max = absl::Seconds(1);
  // A batch leaves when it has so many events or bytes; or else when little is unanswered, but not before its first
  // event has waited for `linger`, unless somebody waits in Flush or Close.
  int batch_events_max = 1'000;
  int64_t batch_bytes_max = 512 * 1024;
  absl::Duration linger = absl::ZeroDuration();
  // Batches sent on one connection and unanswered, repeats among them. The log remembers the last 64 of a producer:
  // with more on their way a repeat would not be recognized, and stored twice.
  int batches_in_flight_max = 32;
};

// Not thread safe.
class AppendQueue {
 public:
  struct Entry {
    v1::Event event;
    AppendDone done;
    int64_t bytes = 0;
    absl::Time added;      // where there is a linger
    int64_t spool_id = 0;  // where it comes from a spool
  };
  struct Batch {
    std::vector<Entry> entries;
    int64_t first_sequence = 0;
    int64_t bytes = 0;
    absl::Time sent = absl::InfiniteFuture();  // for the first time
    int times_sent = 0;
  };

  explicit AppendQueue(const AppendQueueOptions& options) : options_(options) {}

  bool HasRoom(int64_t bytes) const;
  // There is more room than for a moment.
  bool HalfEmpty() const { return events_ * 2 <= options_.events_max && bytes_ * 2 <= options_.bytes_max; }
  void Push(Entry entry);
  // Takes out the oldest that were not sent, until there is room; none where those that were sent leave no room.
  std::vector<Entry> MakeRoom(int64_t bytes);
  // A batch that was composed elsewhere, behind all others; nothing may be waiting.
  void AddBatch(Batch batch);
  // Whether TakeNext would give a batch now: one that is to be sent again; a full one; or what there is, when little is
  // unanswered and it has waited for long enough. `hurry`: it need not wait.
  bool HasNext(bool hurry = false) const;
  // When what there is will have waited for long enough: what the time alone may change of HasNext, it changes then.
  // Infinite when nothing waits, nothing lingers, or that is over.
  absl::Time LingerEndAfter(absl::Time now) const;
  // Whether one more batch may be on its way; and whether it may be less than full.
  bool CanAddBatch() const { return in_flight_.size() < static_cast<size_t>(options_.batches_in_flight_max); }
  bool CanAddPartialBatch() const;
  // The next batch to send. It stays here until it is answered, and its events as they are for as long as anybody has
  // it.
  std::shared_ptr<Batch> TakeNext();
  // All unanswered batches are to be sent again, in order.
  void Rewind() { sent_ = 0; }
  // Gives up the numbering: the unanswered batches are numbered from 0 on. For a new epoch of the producer.
  void Renumber();
  // The oldest batch was answered: takes it out.
  std::shared_ptr<Batch> PopAnswered();
  // Puts the events of a batch (two or more) back as two halves, to be sent before everything else. Renumber must
  // follow.
  void Split(Batch& batch);
  // Takes everything out.
  std::vector<Entry> Clear();

  bool empty() const { return events_ == 0; }
  int64_t events() const { return events_; }
  int64_t bytes() const { return bytes_; }
  // Those that were composed and are not answered, oldest first.
  const std::deque<std::shared_ptr<Batch>>& in_flight() const { return in_flight_; }
  int64_t next_sequence() const { return next_sequence_; }
  // Batches that were sent on the present connection and are not answered.
  int sent() const { return static_cast<int>(sent_); }
  // Of these, the bytes of the largest; 0 when there is none.
  int64_t sent_bytes_max() const;

 private:
  absl::Time LingerEnd() const;

  const AppendQueueOptions options_;
  std::deque<Entry> waiting_;
  int64_t waiting_bytes_ = 0;
  std::deque<std::shared_ptr<Batch>> in_flight_;  // oldest first
  size_t sent_ = 0;                               // of in_flight_, on the present connection
  int64_t events_ = 0;
  int64_t bytes_ = 0;
  int64_t next_sequence_ = 0;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_APPEND_QUEUE_H_
