// The answers to `eventlog append`: printed in the order of the input, counted, and shown as progress.

#ifndef PRODUCERS_CLI_APPEND_RESULTS_H_
#define PRODUCERS_CLI_APPEND_RESULTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "producers/cli/exit_code.h"
#include "producers/cli/progress_bar.h"

namespace eventlog {

// Where an event stands in the input.
struct InputPlace {
  int64_t line = 0;  // 0: it came from flags
  int64_t column = 0;
  int64_t input_bytes = 0;  // of the input up to its end
};

// Thread safe: the client's thread and the reading one share it.
class AppendResults {
 public:
  // `json`: {"offset":N} for each; else one line for people, by Finish.
  AppendResults(bool json, ProgressBarOptions progress) : json_(json), progress_(std::move(progress)) {}

  // What became of an event: its offset, or why it is not stored.
  void Answer(const InputPlace& place, const absl::StatusOr<int64_t>& result);
  // The log is not there, which is told once: nothing more is worth reading.
  bool log_is_missing() const;
  // A line on standard error.
  void Say(absl::string_view text) { progress_.Say(absl::StrCat("eventlog append: ", text)); }
  // Everything is answered. Also says whether standard output could be written.
  ExitCode Finish();

 private:
  const bool json_;
  ProgressBar progress_;
  mutable absl::Mutex mutex_;
  bool log_is_missing_ ABSL_GUARDED_BY(mutex_) = false;
  ExitCode exit_code_ ABSL_GUARDED_BY(mutex_) = kExitOk;
  int64_t count_ ABSL_GUARDED_BY(mutex_) = 0;
  std::optional<int64_t> first_offset_ ABSL_GUARDED_BY(mutex_);
  int64_t last_offset_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace eventlog

#endif  // PRODUCERS_CLI_APPEND_RESULTS_H_
