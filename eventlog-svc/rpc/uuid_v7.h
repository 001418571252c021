// UUID version 7 (RFC 9562, section 5.7): the ids of events whose producers gave none.

#ifndef EVENTLOG_SVC_RPC_UUID_V7_H_
#define EVENTLOG_SVC_RPC_UUID_V7_H_

#include <cstdint>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace eventlog {

// Ids of one generator sort as they were made: within a millisecond the 12 bits behind the time count up (method 1 of
// section 6.2). Thread safe.
class UuidV7Generator {
 public:
  std::string Next(absl::Time now);

 private:
  absl::Mutex mutex_;
  absl::BitGen random_ ABSL_GUARDED_BY(mutex_);
  int64_t last_ms_ ABSL_GUARDED_BY(mutex_) = 0;
  uint32_t counter_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_UUID_V7_H_
