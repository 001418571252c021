// Events that are kept on disk until the log has them: they outlive the process that gave them.
//
// One SQLite database in a folder. Any number of processes and threads add, at once; one process at a time sends: the
// one that holds the folder's SpoolSenderLock (an EventLogClient with this spool). All of them together are one
// producer of the log, with one name, one epoch and one row of sequence numbers, so what is in the spool is sent in the
// order in which it was added, and stored once, whoever sends it and however often.
//
// Kept means: kept when the process ends, SIGKILL too; with `sync` also when the machine does. What the log has is
// deleted. A database that turns out to be damaged is said in the program's log and set aside in the folder, and a new
// one begins: only what was in the damaged one is not sent, and its counters begin anew.

#ifndef EVENTLOG_SVC_CLIENT_SPOOL_H_
#define EVENTLOG_SVC_CLIENT_SPOOL_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "eventlog-svc/client/drop_burst.h"
#include "eventlog-svc/client/spool_database.h"
#include "eventlog-svc/client/spool_options.h"
#include "proto/eventlog/v1/event.pb.h"

namespace eventlog {

struct SpoolStats {
  int64_t events = 0;  // that wait, or were sent and are not answered
  int64_t bytes = 0;
  std::optional<absl::Time> oldest;  // when the first of them was added
  // Since the folder was made. added = events + acknowledged + rejected + those of the dropped that were taken out.
  int64_t added = 0;
  int64_t acknowledged = 0;
  int64_t rejected = 0;  // refused by the log for good; the last of them are kept aside, see Rejected
  int64_t dropped = 0;   // not taken by Add, or taken out to make room
};

// Thread safe. Threads that add at once share one transaction.
class Spool {
 public:
  struct Losses {
    int64_t dropped = 0;
    int64_t displaced = 0;  // of those: taken out to make room
  };
  struct RejectedEvent {
    v1::Event event;
    std::string reason;
    absl::Time time;
  };

  // Makes the folder where it is missing; then `target` is written into it. kFailedPrecondition when it is there with
  // another target, is no spool, or was made by a newer version; kPermissionDenied when others may write into the
  // folder; kResourceExhausted when the disk is full.
  static absl::StatusOr<std::unique_ptr<Spool>> Open(SpoolOptions options, SpoolTarget target);
  // One that is there, whatever its target. kNotFound when there is none; kDataLoss when it is so damaged that it does
  // not even say its target, which the next Open then sets aside.
  static absl::StatusOr<std::unique_ptr<Spool>> OpenExisting(SpoolOptions options);
  ~Spool();

  // Adds all of them, one behind the other, or none. OK: kept. kResourceExhausted: full, or the disk is. kUnavailable:
  // others wrote for busy_max. What is not kept counts as dropped; where that cannot be written, it is with the next
  // call that can.
  absl::Status Add(absl::Span<const v1::Event> events) { return Add(events, nullptr, nullptr); }
  // The same; when it is full, await_room() is called, which waits, and says whether it is tried again before it counts
  // as dropped. `dropped`: how many events this call has cost, its own or those that made room.
  absl::Status Add(absl::Span<const v1::Event> events, const std::function<bool()>& await_room, int64_t* dropped);

  // The same, without those whose id is among the newest SpoolOnceIds::kIdsMax that any process has added in this way,
  // or earlier in the same call: these count as kept already, for good, also when they have left the spool. An event
  // without an id is added as by Add. What is known goes with a database that is set aside.
  absl::Status AddOnce(absl::Span<const v1::Event> events);

  absl::StatusOr<SpoolStats> Stats();
  // Whether Add would take an event of this size now, without taking others out.
  absl::StatusOr<bool> HasRoom(int64_t event_bytes);
  // Of what this object was asked to add.
  Losses losses() const;
  // The newest first.
  absl::StatusOr<std::vector<RejectedEvent>> Rejected(int64_t events_max);
  // Whether everything that this object added, or found to be added, has left the spool: it was sent and answered, or
  // made room. kDataLoss, when nothing is left: but some of it was still there, as far as was seen, in a database that
  // was set aside, or removed with its folder.
  absl::StatusOr<bool> AllGone();
  const SpoolTarget& target() const { return target_; }
  const std::string& folder() const { return options_.folder; }

 private:
  // One call of Add.
  struct Addition {
    std::vector<std::string> events;
    std::vector<std::string> once_ids;  // of the events, for AddOnce
    std::vector<bool> known;            // those that are not added, for AddOnce
    // Of those that are added: all, but for AddOnce.
    int64_t new_events = 0;
    int64_t new_bytes = 0;
    absl::Status status;
    bool waits_when_full = false;
    bool full = false;
    int64_t last_id = 0;
    int64_t displaced = 0;
    bool done = false;

    explicit Addition(absl::Span<const v1::Event> added);
    int64_t dropped() const { return displaced + (status.ok() ? 0 : new_events); }
  };
  // What may still be taken within one transaction.
  struct Room {
    int64_t next_id = 0;
    int64_t events = 0;
    int64_t bytes = 0;
    int64_t dropped = 0;

    bool Fits(int64_t more_events, int64_t more_bytes, const SpoolOptions& options) const {
      return events + more_events <= options.events_max && bytes + more_bytes <= options.bytes_max;
    }
  };

  Spool(SpoolOptions options, std::unique_ptr<SpoolDatabase> database);
  // Calls work() as the one who uses the database.
  absl::Status Query(absl::FunctionRef<absl::Status()> work);
  // As one of a group: one try.
  void AddInGroup(Addition& addition);
  std::vector<Addition*> TakeGroup() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // These are for the one who uses the database.
  // Calls work(), and once more on the database that has taken the place of a damaged one.
  absl::Status WithCurrent(absl::FunctionRef<absl::Status()> work);
  void Write(const std::vector<Addition*>& group);
  absl::Status WriteOnce(const std::vector<Addition*>& group, int64_t dropped);
  absl::Status FindKnown(Addition& addition);
  absl::Status Insert(Addition& addition, Room& room);
  absl::Status InsertEvents(const Addition& addition, Room& room);
  absl::Status MakeRoom(Addition& addition, Room& room);
  absl::StatusOr<Room> ReadRoom();

  const SpoolOptions options_;
  const SpoolTarget target_;

  mutable absl::Mutex mutex_;
  Losses losses_ ABSL_GUARDED_BY(mutex_);
  DropBurst burst_ ABSL_GUARDED_BY(mutex_);
  // Somebody uses what stands behind waiting_, without the lock.
  bool in_use_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<Addition*> waiting_ ABSL_GUARDED_BY(mutex_);
  int64_t last_added_ = 0;                   // in this database, and not seen to be gone; 0: none
  bool lost_with_database_ = false;          // something that was not seen to be gone, with one before
  bool half_empty_ = false;                  // after the last transaction
  std::unique_ptr<SpoolDatabase> database_;  // null when it could not be opened anew
  int64_t unsaved_dropped_ = 0;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_SPOOL_H_
