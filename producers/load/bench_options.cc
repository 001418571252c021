#include "producers/load/bench_options.h"

#include "absl/strings/str_cat.h"

namespace eventlog {
namespace {

constexpr int kBatchOfClient = 1'000;
constexpr int64_t kProducersMax = 1'000;
constexpr int64_t kSecondsMax = 30 * 24 * 3600;

// Numbers of flags, until one is wrong.
class Numbers {
 public:
  explicit Numbers(const CommandLine& line) : line_(line) {}

  int64_t Get(absl::string_view flag, int64_t otherwise, int64_t min, int64_t max) {
    const absl::StatusOr<int64_t> number = line_.GetNumber(flag, otherwise, min);
    if (number.ok() && *number <= max) return *number;
    if (status_.ok()) {
      status_ = number.ok() ? absl::InvalidArgumentError(absl::StrCat("--", flag, "=", *number, ": at most ", max))
                            : number.status();
    }
    return otherwise;
  }
  absl::Duration GetSeconds(absl::string_view flag, absl::Duration otherwise, int64_t min) {
    return absl::Seconds(Get(flag, absl::ToInt64Seconds(otherwise), min, kSecondsMax));
  }
  const absl::Status& status() const { return status_; }

 private:
  const CommandLine& line_;
  absl::Status status_;
};

absl::Status CheckTogether(const CommandLine& line) {
  for (const auto& [one, other] : {std::pair("rate_per_s", "outstanding"), std::pair("count", "duration_s")}) {
    if (line.Has(one) && line.Has(other)) {
      return absl::InvalidArgumentError(absl::StrCat("give one of --", one, " and --", other));
    }
  }
  if (!line.Has("verify_only")) return absl::OkStatus();
  if (!line.Has("log")) return absl::InvalidArgumentError("--verify_only needs --log, the log that a run has left");
  for (const FlagSpec& flag : BenchFlags()) {
    const bool fits = flag.name == "verify_only" || flag.name == "log" || flag.name == "timeout_s";
    if (line.Has(flag.name) && !fits) {
      return absl::InvalidArgumentError(absl::StrCat("--verify_only appends nothing and takes no --", flag.name));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::string_view AppendWayName(AppendWay way) {
  return way == AppendWay::kClient ? "client" : way == AppendWay::kStream ? "stream" : "unary";
}

const std::vector<FlagSpec>& BenchFlags() {
  static const auto* const flags = new std::vector<FlagSpec>{
      {"rate_per_s", "EVENTS", "an open load: so many are due each second, of all producers together"},
      {"outstanding", "EVENTS", "a closed load: so many of each producer are on their way at any time; 64 when absent"},
      {"producers", "N", "producers, each with a connection of its own; 1 when absent"},
      {"append", "client|stream|unary",
       "through the client library (when absent), a bare AppendStream, or single calls"},
      {"batch_events", "N", "events of one append: at most, with the client library, 1000 when absent; else 1"},
      {"payload_bytes", "SIZES", "BYTES, MIN-MAX, lognormal:MEDIAN, or session; 256 when absent"},
      {"payload", "json|binary", "text that compresses (when absent), or random bytes"},
      {"seed", "N", "of sizes and contents; 1 when absent"},
      {"duration_s", "SECONDS", "how long, without the warm-up; 10 when absent"},
      {"count", "EVENTS", "how many instead, without the warm-up"},
      {"warmup_s", "SECONDS", "left out of rates and latencies, but verified; 1 when absent"},
      {"drain_s", "SECONDS", "how long to wait for the last answers; 30 when absent"},
      {"subscribers", "N", "followers, whose latency from due to delivered is reported; 0 when absent"},
      {"log", "NAME", "the log, made where it is missing; a new bench-... when absent"},
      {"keep_log", "", "do not delete the log that this run has made"},
      {"verify_only", "", "append nothing: verify what former runs have left in --log"},
      {"timeout_s", "SECONDS", "how long to wait for the service at the start; 10 when absent"},
  };
  return *flags;
}

absl::StatusOr<BenchOptions> BenchOptionsFromFlags(const CommandLine& line) {
  const absl::Status together = CheckTogether(line);
  if (!together.ok()) return together;
  BenchOptions options;
  Numbers numbers(line);
  options.log = line.Get("log");
  options.keep_log = line.Has("keep_log");
  options.verify_only = line.Has("verify_only");
  if (line.Has("rate_per_s")) options.rate_per_s = numbers.Get("rate_per_s", 1, 1, 10'000'000);
  // The client's queue takes no more.
  options.outstanding = numbers.Get("outstanding", options.outstanding, 1, 65'536);
  options.producers = static_cast<int>(numbers.Get("producers", 1, 1, kProducersMax));
  const std::string append = line.Get("append", "client");
  options.append = append == "stream" ? AppendWay::kStream : append == "unary" ? AppendWay::kUnary : AppendWay::kClient;
  const int64_t batch = options.append == AppendWay::kClient ? kBatchOfClient : 1;
  options.batch_events = static_cast<int>(numbers.Get("batch_events", batch, 1, 10'000));
  options.payload_bytes = line.Get("payload_bytes", options.payload_bytes);
  options.binary = line.Get("payload") == "binary";
  options.seed = numbers.Get("seed", 1, 0, INT64_MAX);
  if (line.Has("count")) options.count = numbers.Get("count", 1, 1, INT64_MAX);
  options.duration = numbers.GetSeconds("duration_s", options.duration, 1);
  options.warmup = numbers.GetSeconds("warmup_s", options.warmup, 0);
  options.drain = numbers.GetSeconds("drain_s", options.drain, 0);
  options.timeout = numbers.GetSeconds("timeout_s", options.timeout, 0);
  options.subscribers = static_cast<int>(numbers.Get("subscribers", 0, 0, kProducersMax));
  if (!numbers.status().ok()) return numbers.status();
  const absl::StatusOr<PayloadSizes> sizes = ParsePayloadSizes(options.payload_bytes);
  if (!sizes.ok()) return sizes.status();
  options.sizes = *sizes;
  return options;
}

}  // namespace eventlog
