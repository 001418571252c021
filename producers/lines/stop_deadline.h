// How long a program that was told to stop still waits for answers.

#ifndef PRODUCERS_LINES_STOP_DEADLINE_H_
#define PRODUCERS_LINES_STOP_DEADLINE_H_

#include <cstdint>
#include <optional>

#include "absl/time/time.h"

namespace eventlog {

// Not thread safe.
class StopDeadline {
 public:
  // `whole` from the stop on, and no longer than `silence` without an answer.
  StopDeadline(absl::Duration whole, absl::Duration silence) : whole_(whole), silence_(silence) {}

  void Stop(absl::Time now);
  bool stopped() const { return stopped_at_.has_value(); }
  // Until when to wait, where there have been so many answers until now; for ever before the stop.
  absl::Time Deadline(absl::Time now, int64_t answers);

 private:
  const absl::Duration whole_;
  const absl::Duration silence_;
  std::optional<absl::Time> stopped_at_;
  absl::Time silent_since_;
  int64_t answers_ = 0;
};

}  // namespace eventlog

#endif  // PRODUCERS_LINES_STOP_DEADLINE_H_
