// How many calls are under way, for a service that ends when they have.

#ifndef EVENTLOG_SVC_RPC_CALL_COUNT_H_
#define EVENTLOG_SVC_RPC_CALL_COUNT_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace eventlog {

// Thread safe.
class CallCount {
 public:
  void Begin() {
    absl::MutexLock lock(&mutex_);
    ++count_;
  }
  void End() {
    absl::MutexLock lock(&mutex_);
    --count_;
  }
  // Waits until none is under way; false when the deadline comes first.
  bool AwaitNone(absl::Time deadline) const {
    absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithDeadline(absl::Condition(this, &CallCount::IsNone), deadline);
  }

 private:
  bool IsNone() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return count_ == 0; }

  mutable absl::Mutex mutex_;
  int64_t count_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_CALL_COUNT_H_
