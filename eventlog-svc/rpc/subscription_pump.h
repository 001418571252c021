// Drives the Subscribe calls: a few threads that read the log and give each stream its next message.
//
// A stream is ready (wants a message), writing (gRPC has one), awaiting a page, parked (has everything; waits for its
// log to change or a time to wake), or finishing. It is in at most one of these places, so that what is held is bounded
// by the number of streams. The disk is read here and neither on the call queue's thread nor on the committing one;
// what was read and not sent yet is handed on by the call queue's, which hears of the write. Meanwhile the next page is
// read, for as many streams as a bound in bytes allows, so that a reader that catches up need not wait for the disk.

#ifndef EVENTLOG_SVC_RPC_SUBSCRIPTION_PUMP_H_
#define EVENTLOG_SVC_RPC_SUBSCRIPTION_PUMP_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/log.h"
#include "eventlog-svc/rpc/subscription_stream.h"

namespace eventlog {

// One thread and its streams. Thread safe.
class SubscriptionPump : public SubscriptionStreamListener, public LogListener {
 public:
  using OnError = std::function<void(const absl::Status&)>;

  explicit SubscriptionPump(OnError on_error);
  // All streams must be gone.
  ~SubscriptionPump() override;

  // Takes the stream over; its messages begin at once.
  void Add(SubscriptionStream* stream);
  // Ends every stream with `ending` DRAINING as soon as its write is done.
  void Drain(absl::Duration retry_delay);
  int64_t size() const;

  void OnLogChanged(const Log& log) override;
  void OnWritten(SubscriptionStream* stream) override;
  void OnCancelled(SubscriptionStream* stream) override;
  void OnGone(SubscriptionStream* stream) override;

 private:
  // A page that is read ahead for a stream. It does not hold the stream, which may go meanwhile.
  struct PageAhead {
    const std::shared_ptr<const Log> log;
    const ReadOptions options;
    // Under the pump's mutex:
    SubscriptionStream* stream = nullptr;  // nothing: it is gone
    size_t bytes = 0;                      // of the page; before it is read, what was asked for
    bool read = false;
    RecordPage page;  // empty after a gap or an error, which the stream is to find itself
  };
  enum class Place { kReady, kServing, kWriting, kAwaitingPage, kParked, kFinishing };
  struct State {
    Place place = Place::kReady;
    bool added = false;
    bool cancelled = false;
    std::shared_ptr<PageAhead> ahead;
    absl::Time wake;  // when it is parked
  };
  // Those of one log.
  struct LogStreams {
    int64_t count = 0;
    absl::flat_hash_set<SubscriptionStream*> parked;
  };
  // Who wants the thread: a stream, or a page for one.
  struct Waiting {
    SubscriptionStream* stream = nullptr;
    std::shared_ptr<PageAhead> ahead;
  };
  // What is to be done for a stream.
  struct Turn {
    SubscriptionStream* stream = nullptr;
    bool cancelled = false;
    bool draining = false;
  };

  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !changed_.empty() || !ready_.empty();
  }
  void Run();
  // Neither of both: the pump stops.
  Waiting TakeReady();
  Turn TakeTurn(SubscriptionStream* stream);
  Turn TakeTurnLocked(SubscriptionStream* stream, State& state) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void UnparkLocked(SubscriptionStream* stream, State& state) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ReadyParkedLocked(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void MakeReadyLocked(SubscriptionStream* stream, State& state) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Serve(const Turn& turn);
  void Read(PageAhead& ahead);
  // Gives the stream its page, if that is read.
  void TakePageLocked(SubscriptionStream* stream, State& state) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ForgetAheadLocked(State& state) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Before a write.
  void SetWriting(SubscriptionStream* stream);
  void Park(SubscriptionStream* stream);
  void SetPlace(SubscriptionStream* stream, Place place);

  const OnError on_error_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<SubscriptionStream*, State> streams_ ABSL_GUARDED_BY(mutex_);
  std::deque<Waiting> ready_ ABSL_GUARDED_BY(mutex_);
  absl::btree_set<std::pair<absl::Time, SubscriptionStream*>> parked_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<const Log*, LogStreams> by_log_ ABSL_GUARDED_BY(mutex_);
  // Logs that changed since the thread looked: also one whose streams are not parked yet.
  absl::flat_hash_set<const Log*> changed_ ABSL_GUARDED_BY(mutex_);
  // Of the pages that are read ahead, or will be.
  size_t ahead_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Duration retry_delay_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_SUBSCRIPTION_PUMP_H_
