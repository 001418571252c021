// What the flags of `eventlog bench` say.

#ifndef PRODUCERS_LOAD_BENCH_OPTIONS_H_
#define PRODUCERS_LOAD_BENCH_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "producers/cli/command_line.h"
#include "producers/load/payload_source.h"

namespace eventlog {

enum class AppendWay { kClient, kStream, kUnary };

absl::string_view AppendWayName(AppendWay way);

struct BenchOptions {
  std::string log;  // empty: a new one
  bool keep_log = false;
  std::optional<int64_t> rate_per_s;  // an open load; none: closed
  int64_t outstanding = 64;           // of each producer, in a closed load
  int producers = 1;
  AppendWay append = AppendWay::kClient;
  int batch_events = 1;
  std::string payload_bytes = "256";  // as given
  PayloadSizes sizes;
  bool binary = false;
  int64_t seed = 1;
  std::optional<int64_t> count;  // measured events; none: `duration` counts
  absl::Duration duration = absl::Seconds(10);
  absl::Duration warmup = absl::Seconds(1);
  absl::Duration drain = absl::Seconds(30);
  absl::Duration timeout = absl::Seconds(10);
  int subscribers = 0;
  bool verify_only = false;
};

const std::vector<FlagSpec>& BenchFlags();

// kInvalidArgument says what is wrong and what would be right.
absl::StatusOr<BenchOptions> BenchOptionsFromFlags(const CommandLine& line);

}  // namespace eventlog

#endif  // PRODUCERS_LOAD_BENCH_OPTIONS_H_
