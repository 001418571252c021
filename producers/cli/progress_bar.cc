#include "producers/cli/progress_bar.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "producers/cli/human_units.h"

namespace eventlog {
namespace {

constexpr int kBarColumns = 20;
// Back to the start of the line, and erase it to its end: ECMA-48.
constexpr char kErase[] = "\r\x1b[K";

}  // namespace

ProgressBar::ProgressBar(ProgressBarOptions options)
    : options_(std::move(options)), start_(options_.now()), drawn_(absl::InfinitePast()) {}

void ProgressBar::Show(int64_t events, int64_t bytes) {
  absl::MutexLock lock(&mutex_);
  events_ = events;
  bytes_ = bytes;
  const absl::Time now = options_.now();
  if (!options_.visible || now - start_ < kFirstAfter || now - drawn_ < kInterval) return;
  drawn_ = now;
  shown_ = true;
  std::fputs(absl::StrCat(kErase, Text(now)).c_str(), options_.output);
  std::fflush(options_.output);
}

void ProgressBar::Say(absl::string_view line) {
  absl::MutexLock lock(&mutex_);
  const std::string bar = shown_ ? Text(options_.now()) : "";
  std::fputs(absl::StrCat(shown_ ? kErase : "", line, "\n", bar).c_str(), options_.output);
  std::fflush(options_.output);
}

void ProgressBar::Remove() {
  absl::MutexLock lock(&mutex_);
  if (!std::exchange(shown_, false)) return;
  std::fputs(kErase, options_.output);
  std::fflush(options_.output);
}

std::string ProgressBar::Text(absl::Time now) const {
  std::string text;
  if (options_.bytes_total.has_value() && *options_.bytes_total > 0) {
    const double part = std::min(1.0, static_cast<double>(bytes_) / static_cast<double>(*options_.bytes_total));
    const int full = static_cast<int>(part * kBarColumns);
    text = absl::StrFormat("[%s%s] %3d%%  ", std::string(static_cast<size_t>(full), '#'),
                           std::string(static_cast<size_t>(kBarColumns - full), '.'), static_cast<int>(part * 100));
  }
  const double seconds = std::max(0.001, absl::ToDoubleSeconds(now - start_));
  absl::StrAppend(&text, WithThousands(events_), " events  ",
                  WithThousands(static_cast<int64_t>(static_cast<double>(events_) / seconds)), "/s  ",
                  ByteSizeText(bytes_));
  // A line that wraps could not be erased.
  if (options_.columns > 1) text.resize(std::min(text.size(), static_cast<size_t>(options_.columns) - 1));
  return text;
}

}  // namespace eventlog
