// Counts refusals by reason, for /metrics.

#ifndef EVENTLOG_SVC_RPC_ERROR_COUNTER_H_
#define EVENTLOG_SVC_RPC_ERROR_COUNTER_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace eventlog {

// Thread safe. The services of a server share one.
class ErrorCounter {
 public:
  // Under "OTHER" when it has no reason.
  void Count(const absl::Status& status);
  std::map<std::string, int64_t> counts() const;

 private:
  mutable absl::Mutex mutex_;
  std::map<std::string, int64_t> counts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_ERROR_COUNTER_H_
