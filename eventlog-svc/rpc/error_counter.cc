#include "eventlog-svc/rpc/error_counter.h"

#include "eventlog-svc/engine/error.h"

namespace eventlog {

void ErrorCounter::Count(const absl::Status& status) {
  std::string reason = ErrorReason(status);
  if (reason.empty()) reason = "OTHER";
  absl::MutexLock lock(&mutex_);
  ++counts_[reason];
}

std::map<std::string, int64_t> ErrorCounter::counts() const {
  absl::MutexLock lock(&mutex_);
  return counts_;
}

}  // namespace eventlog
