// UUID version 7 (RFC 9562, section 5.7): the ids of events whose producers gave none.

#ifndef EVENTLOG_SVC_RPC_UUID_V7_H_
#define EVENTLOG_SVC_RPC_UUID_V7_H_

#include <array>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace eventlog {

// 8-4-4-4-12 hexadecimal digits, lower case.
using UuidText = std::array<char, 36>;
inline absl::string_view UuidView(const UuidText& text) { return {text.data(), text.size()}; }

// Ids of one generator sort as they were made: within a millisecond the 12 bits behind the time count up (method 1 of
// section 6.2). Thread safe.
class UuidV7Generator {
 public:
  UuidText Next(absl::Time now);

 private:
  absl::Mutex mutex_;
  absl::BitGen random_ ABSL_GUARDED_BY(mutex_);
  int64_t last_ms_ ABSL_GUARDED_BY(mutex_) = 0;
  uint32_t counter_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_UUID_V7_H_
