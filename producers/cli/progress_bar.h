// How far a long input has come, on one line of a terminal that is drawn over and over.

#ifndef PRODUCERS_CLI_PROGRESS_BAR_H_
#define PRODUCERS_CLI_PROGRESS_BAR_H_

#include <cstdint>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace eventlog {

struct ProgressBarOptions {
  std::FILE* output = stderr;
  bool visible = false;                // else only Say prints: `output` is no terminal
  std::optional<int64_t> bytes_total;  // of the input, when that is known
  int columns = 80;
  std::function<absl::Time()> now = absl::Now;
};

// Thread safe.
class ProgressBar {
 public:
  // What is done at once shows no bar, and no bar is drawn more often than eyes can follow.
  static constexpr absl::Duration kFirstAfter = absl::Milliseconds(300);
  static constexpr absl::Duration kInterval = absl::Milliseconds(100);

  explicit ProgressBar(ProgressBarOptions options);
  ~ProgressBar() { Remove(); }

  // So many events are done, which end at `bytes` of the input.
  void Show(int64_t events, int64_t bytes);
  // A line of text, above the bar. An end of line is added.
  void Say(absl::string_view line);
  // Takes the bar away.
  void Remove();

 private:
  std::string Text(absl::Time now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const ProgressBarOptions options_;
  const absl::Time start_;
  absl::Mutex mutex_;
  absl::Time drawn_ ABSL_GUARDED_BY(mutex_);
  bool shown_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t events_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace eventlog

#endif  // PRODUCERS_CLI_PROGRESS_BAR_H_
