// One producer of a load, on a thread of its own: makes its chain of events and appends them, when they are due or when
// there is room.

#ifndef PRODUCERS_LOAD_LOAD_PRODUCER_H_
#define PRODUCERS_LOAD_LOAD_PRODUCER_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "producers/load/append_figures.h"
#include "producers/load/arrival_schedule.h"
#include "producers/load/event_appender.h"
#include "producers/load/payload_source.h"
#include "producers/load/run_ledger.h"

namespace eventlog {

// What all producers of a run share. Outlives them.
struct LoadPlan {
  std::optional<ArrivalSchedule> schedule;  // of an open load; none: closed
  int64_t outstanding_max = 1;              // of each producer, in a closed load
  int64_t gather = 1;                       // events that are sent together, where the appender is to be given them so
  absl::Time start = absl::InfinitePast();
  absl::Time measure_start = absl::InfinitePast();
  absl::Time end = absl::InfiniteFuture();
  std::atomic<int64_t> budget{INT64_MAX};  // measured events that are still to be sent, of all producers
  absl::Notification stop;                 // ends the load before its time
  std::atomic<int64_t> acknowledged{0};    // for the line of progress
  std::atomic<int64_t> sent{0};
};

// Thread safe.
class LoadProducer {
 public:
  // Starts at once. All that is referred to must outlive it.
  LoadProducer(int index, LoadPlan& plan, PayloadSource payload, EventAppender& appender, RunLedger& ledger);
  // Joins; the appender must be aborted, or the load at its end.
  ~LoadProducer();

  // Everything is sent and answered.
  bool finished() const { return finished_.HasBeenNotified(); }
  bool WaitFinished(absl::Time deadline) const { return finished_.WaitForNotificationWithDeadline(deadline); }
  AppendFigures figures() const;

 private:
  void Run();
  void RunOpen();
  void RunClosed();
  // False: the load is over.
  bool Claim(absl::Time due);
  bool AppendOne(absl::Time due);
  void Answered(int64_t sequence, absl::Time due, int64_t bytes, const absl::StatusOr<int64_t>& result);
  void NoteLateness(absl::Time due, absl::Time now);
  // Waits until so many more fit into the window. False: the load is over.
  bool AwaitWindow(int64_t events);

  const int index_;
  LoadPlan& plan_;
  EventAppender& appender_;
  RunLedger& ledger_;

  // The thread's.
  PayloadSource payload_;
  int64_t sequence_ = 0;
  uint64_t previous_ = 0;
  bool held_up_ = false;  // by the appender, since an event was last in time

  mutable absl::Mutex mutex_;
  AppendFigures figures_ ABSL_GUARDED_BY(mutex_);
  int64_t outstanding_ ABSL_GUARDED_BY(mutex_) = 0;

  absl::Notification finished_;
  std::thread thread_;
};

}  // namespace eventlog

#endif  // PRODUCERS_LOAD_LOAD_PRODUCER_H_
