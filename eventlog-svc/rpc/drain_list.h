// The open calls that end by themselves when the service drains.

#ifndef EVENTLOG_SVC_RPC_DRAIN_LIST_H_
#define EVENTLOG_SVC_RPC_DRAIN_LIST_H_

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

namespace eventlog {

// An open call.
class Drained {
 public:
  virtual ~Drained() = default;
  // The service drains: the call is to end as soon as it can. Once, on any thread, with no lock held.
  virtual void Drain() = 0;
};

// Thread safe.
class DrainList {
 public:
  // False when the service drains already: then the call hears nothing more.
  bool Add(const std::shared_ptr<Drained>& call);
  void Remove(const Drained* call);
  // Tells all, once. What goes meanwhile is left alone.
  void Drain();

 private:
  absl::Mutex mutex_;
  absl::flat_hash_map<const Drained*, std::weak_ptr<Drained>> calls_ ABSL_GUARDED_BY(mutex_);
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_DRAIN_LIST_H_
