// Who hears that a log has something new.

#ifndef EVENTLOG_SVC_ENGINE_LOG_LISTENERS_H_
#define EVENTLOG_SVC_ENGINE_LOG_LISTENERS_H_

#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "eventlog-svc/engine/log.h"

namespace eventlog {

// Add and Remove may be called from any thread, also from a listener's own call; Tell from one thread at a time.
class LogListeners {
 public:
  // `listener` must stay alive until Remove returns.
  void Add(LogListener* listener);
  // Waits for a call of this listener that is under way, except in that call itself.
  void Remove(LogListener* listener);
  // Calls those that were there when it began, one after the other, with no lock held.
  void Tell(const Log& log);

 private:
  // The next of this round, or null at its end.
  LogListener* Next();

  absl::Mutex mutex_;
  std::vector<LogListener*> listeners_ ABSL_GUARDED_BY(mutex_);
  // The round of Tell that is under way: whom it is for (null: removed meanwhile), and how far it is.
  std::vector<LogListener*> round_ ABSL_GUARDED_BY(mutex_);
  size_t round_at_ ABSL_GUARDED_BY(mutex_) = 0;
  LogListener* being_told_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::thread::id teller_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_ENGINE_LOG_LISTENERS_H_
