#include "producers/cli/append_results.h"

#include <cstdio>

#include "eventlog-svc/client/rpc_error.h"
#include "producers/cli/harmless_text.h"
#include "producers/cli/human_units.h"

namespace eventlog {
namespace {

constexpr char kLogNotFound[] = "LOG_NOT_FOUND";

}  // namespace

void AppendResults::Answer(const InputPlace& place, const absl::StatusOr<int64_t>& result) {
  const bool misses_log = RpcErrorReason(result.status()) == kLogNotFound;
  int64_t count = 0;
  {
    absl::MutexLock lock(&mutex_);
    if (result.ok()) {
      count = ++count_;
      if (!first_offset_.has_value()) first_offset_ = *result;
      last_offset_ = *result;
    } else if (exit_code_ == kExitOk) {
      exit_code_ = ToExitCode(result.status());
    }
    if (misses_log && std::exchange(log_is_missing_, true)) return;
  }
  if (!result.ok()) {
    const std::string where = place.line == 0 ? "" : absl::StrCat("line ", place.line, ", column ", place.column, ": ");
    // It quotes the input, which is whoever's: what a terminal would obey is written out.
    std::string line = where + Harmless(RpcErrorText(result.status()));
    if (misses_log) {
      absl::StrAppend(&line, "; `eventlog logs create` makes a log",
                      place.line == 0 ? "" : "; the rest of the input is not appended");
    }
    Say(line);
    return;
  }
  if (json_) {
    std::printf("{\"offset\":%lld}\n", static_cast<long long>(*result));
    std::fflush(stdout);  // who reads us through a pipe waits for it
  }
  progress_.Show(count, place.input_bytes);
}

bool AppendResults::log_is_missing() const {
  absl::MutexLock lock(&mutex_);
  return log_is_missing_;
}

ExitCode AppendResults::Finish() {
  progress_.Remove();
  absl::MutexLock lock(&mutex_);
  if (!json_ && count_ == 1) std::printf("appended at offset %lld\n", static_cast<long long>(*first_offset_));
  if (!json_ && count_ > 1) {
    std::printf("appended %s events at offsets %lld to %lld\n", WithThousands(count_).c_str(),
                static_cast<long long>(*first_offset_), static_cast<long long>(last_offset_));
  }
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    Say("cannot write standard output; the events are appended");
    if (exit_code_ == kExitOk) exit_code_ = kExitRefused;
  }
  return exit_code_;
}

}  // namespace eventlog
