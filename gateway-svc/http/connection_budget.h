// How many connections there are, over all shards, and how many there may be.

#ifndef GATEWAY_SVC_HTTP_CONNECTION_BUDGET_H_
#define GATEWAY_SVC_HTTP_CONNECTION_BUDGET_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace gateway {

// Any thread. Touched when a connection comes and goes, never per event.
class ConnectionBudget {
 public:
  // Beyond `connections_max` a client is told so in words; beyond this many more it is not even heard.
  static constexpr int64_t kToldMax = 256;

  explicit ConnectionBudget(int64_t connections_max) : connections_max_(connections_max) {}

  // False: close the connection at once; nothing was taken.
  bool Take() {
    absl::MutexLock lock(&mutex_);
    if (open_ >= connections_max_ + kToldMax) return false;
    ++open_;
    return true;
  }
  void GiveBack() {
    absl::MutexLock lock(&mutex_);
    --open_;
  }
  bool exceeded() const {
    absl::MutexLock lock(&mutex_);
    return open_ > connections_max_;
  }
  int64_t open() const {
    absl::MutexLock lock(&mutex_);
    return open_;
  }
  // Waits until none is open; false when that took longer than `timeout`.
  bool AwaitNone(absl::Duration timeout) const {
    absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(this, &ConnectionBudget::None), timeout);
  }

 private:
  bool None() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return open_ == 0; }

  const int64_t connections_max_;
  mutable absl::Mutex mutex_;
  int64_t open_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_CONNECTION_BUDGET_H_
