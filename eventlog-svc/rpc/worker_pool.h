// A few threads for work that may wait for the disk, behind a bounded queue.

#ifndef EVENTLOG_SVC_RPC_WORKER_POOL_H_
#define EVENTLOG_SVC_RPC_WORKER_POOL_H_

#include <deque>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"

namespace eventlog {

// Thread safe.
class WorkerPool {
 public:
  WorkerPool(int threads, size_t queue_max);
  // Does what is queued, then joins.
  ~WorkerPool();

  // False when the queue is full; then `work` is not taken.
  bool Submit(absl::AnyInvocable<void()> work);

 private:
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || !queue_.empty(); }
  void Run();

  const size_t queue_max_;
  absl::Mutex mutex_;
  std::deque<absl::AnyInvocable<void()>> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_WORKER_POOL_H_
