// What a producer of a load measured.

#ifndef PRODUCERS_LOAD_APPEND_FIGURES_H_
#define PRODUCERS_LOAD_APPEND_FIGURES_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/time/time.h"
#include "producers/load/latency_histogram.h"

namespace eventlog {

// A value; figures of several producers are added up. Not thread safe. "Measured" is what was due after the warm-up.
struct AppendFigures {
  LatencyHistogram latency;    // of the measured events, from when they were due to their acknowledgement
  int64_t measured_bytes = 0;  // payload of the acknowledged ones
  absl::Time last_measured = absl::InfinitePast();  // acknowledgement
  int64_t acknowledged = 0;
  int64_t unacknowledged = 0;             // sent, and answered with an error or given up
  std::map<std::string, int64_t> errors;  // unacknowledged events by reason
  // Of an open load.
  int64_t due = 0;
  int64_t not_sent = 0;  // due, and the run was over before they could be
  // Sent more than kLate after they were due: because the log took nothing, or because this process was too slow.
  int64_t late_for_log = 0;
  int64_t late_for_generator = 0;
  absl::Duration generator_late_max;

  static constexpr absl::Duration kLate = absl::Milliseconds(10);

  void Add(const AppendFigures& other);
};

}  // namespace eventlog

#endif  // PRODUCERS_LOAD_APPEND_FIGURES_H_
