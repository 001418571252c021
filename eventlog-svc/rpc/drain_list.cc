#include "eventlog-svc/rpc/drain_list.h"

#include <utility>
#include <vector>

namespace eventlog {

bool DrainList::Add(const std::shared_ptr<Drained>& call) {
  absl::MutexLock lock(&mutex_);
  if (!draining_) calls_.emplace(call.get(), call);
  return !draining_;
}

void DrainList::Remove(const Drained* call) {
  absl::MutexLock lock(&mutex_);
  calls_.erase(call);
}

void DrainList::Drain() {
  std::vector<std::shared_ptr<Drained>> calls;
  {
    absl::MutexLock lock(&mutex_);
    draining_ = true;
    for (const auto& [key, weak] : calls_) {
      if (std::shared_ptr<Drained> call = weak.lock()) calls.push_back(std::move(call));
    }
    calls_.clear();
  }
  for (const std::shared_ptr<Drained>& call : calls) call->Drain();
}

}  // namespace eventlog
