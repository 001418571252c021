// How long to wait before the next try: exponential with full jitter, as in "Exponential Backoff And Jitter" (AWS,
// 2015).

#ifndef EVENTLOG_SVC_CLIENT_BACKOFF_H_
#define EVENTLOG_SVC_CLIENT_BACKOFF_H_

#include "absl/random/bit_gen_ref.h"
#include "absl/random/random.h"
#include "absl/time/time.h"

namespace eventlog {

struct BackoffOptions {
  absl::Duration first = absl::Milliseconds(50);
  absl::Duration max = absl::Seconds(2);
};

// Not thread safe.
class Backoff {
 public:
  // `random` must outlive it.
  Backoff(const BackoffOptions& options, absl::BitGenRef random) : options_(options), random_(random) {}

  // Uniform between nothing and a limit that doubles from `first` to `max` with each call.
  absl::Duration Next();
  // After a success: begins with `first` again.
  void Reset() { limit_ = absl::ZeroDuration(); }

 private:
  const BackoffOptions options_;
  absl::BitGenRef random_;
  absl::Duration limit_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_BACKOFF_H_
