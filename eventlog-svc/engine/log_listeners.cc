#include "eventlog-svc/engine/log_listeners.h"

#include <algorithm>

namespace eventlog {

void LogListeners::Add(LogListener* listener) {
  absl::MutexLock lock(&mutex_);
  listeners_.push_back(listener);
}

void LogListeners::Remove(LogListener* listener) {
  absl::MutexLock lock(&mutex_);
  listeners_.erase(std::remove(listeners_.begin(), listeners_.end(), listener), listeners_.end());
  std::replace(round_.begin(), round_.end(), listener, static_cast<LogListener*>(nullptr));
  if (teller_ == std::this_thread::get_id()) return;
  const auto not_being_told = [this, listener]()
                                  ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return being_told_ != listener; };
  mutex_.Await(absl::Condition(&not_being_told));
}

void LogListeners::Tell(const Log& log) {
  {
    absl::MutexLock lock(&mutex_);
    round_ = listeners_;
    round_at_ = 0;
    teller_ = std::this_thread::get_id();
  }
  while (LogListener* const listener = Next()) listener->OnLogChanged(log);
}

LogListener* LogListeners::Next() {
  absl::MutexLock lock(&mutex_);
  being_told_ = nullptr;
  while (being_told_ == nullptr && round_at_ < round_.size()) being_told_ = round_[round_at_++];
  return being_told_;
}

}  // namespace eventlog
