// What a run has shown, for people and for programs. README.md beside this file has the fields of the JSON form.

#ifndef PRODUCERS_LOAD_BENCH_REPORT_H_
#define PRODUCERS_LOAD_BENCH_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "producers/load/append_figures.h"
#include "producers/load/bench_options.h"
#include "producers/load/latency_histogram.h"
#include "producers/load/verification.h"

namespace eventlog {

struct BenchReport {
  BenchOptions options;
  std::string server;
  std::string log;
  bool log_kept = false;
  std::string run;
  bool interrupted = false;
  bool gave_up = false;         // the last answers did not come in time
  absl::Duration measured_for;  // from the end of the warm-up to the last acknowledgement
  int64_t sent = 0;             // warm-up included
  AppendFigures appends;        // of all producers
  int64_t connections = 0;
  int64_t retries = 0;           // events that were sent once more; each time counts
  int64_t duplicates = 0;        // acknowledged events that were sent again, and were in the log already
  absl::Duration longest_pause;  // without an answer while some were owed
  std::optional<absl::Duration> own_cpu;
  std::optional<absl::Duration> service_cpu;
  // Of all subscribers.
  LatencyHistogram deliveries;
  int64_t delivered = 0;
  int64_t delivery_gaps = 0;
  int64_t delivery_disconnects = 0;
  int subscribers_behind = 0;  // that had not all when it ended
  Verification verification;

  // The verification is, some of what was sent was taken, and each subscriber got all of it.
  bool sound() const;
  double events_per_second() const;
  double bytes_per_second() const;
};

// One object on one line.
std::string ToJson(const BenchReport& report);
std::string ToText(const BenchReport& report);

}  // namespace eventlog

#endif  // PRODUCERS_LOAD_BENCH_REPORT_H_
