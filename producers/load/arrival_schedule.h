// When the events of an open load are due: at a fixed rate from the start on, whatever becomes of those before. Latency
// counts from that moment, so that a stall of the log counts for every event that was due meanwhile and not for the one
// alone that waited (Gil Tene: "coordinated omission").

#ifndef PRODUCERS_LOAD_ARRIVAL_SCHEDULE_H_
#define PRODUCERS_LOAD_ARRIVAL_SCHEDULE_H_

#include <cstdint>

#include "absl/time/time.h"

namespace eventlog {

// A value. The producers take turns.
class ArrivalSchedule {
 public:
  ArrivalSchedule(absl::Time start, double events_per_second, int producers)
      : start_(start), events_per_second_(events_per_second), producers_(producers) {}

  // The n-th event of the producer, both from 0.
  absl::Time DueAt(int producer, int64_t n) const;
  // How many of the producer's are due before `time`.
  int64_t CountDueBefore(int producer, absl::Time time) const;

 private:
  const absl::Time start_;
  const double events_per_second_;
  const int producers_;
};

}  // namespace eventlog

#endif  // PRODUCERS_LOAD_ARRIVAL_SCHEDULE_H_
