#include "eventlog-svc/engine/retention_keeper.h"

#include <algorithm>
#include <string>
#include <utility>

#include "glog/logging.h"

namespace eventlog {

absl::StatusOr<int64_t> RetainedStart(const Log& log, absl::Time now) {
  const LogSettings settings = log.settings();
  const LogSize size = log.size();
  int64_t start = size.bounds.start_offset;
  if (settings.records_max > 0) start = std::max(start, size.bounds.head_offset - settings.records_max);
  if (settings.bytes_max > 0) start = std::max(start, log.StartForBytes(settings.bytes_max));
  if (settings.age_max > absl::ZeroDuration() && size.oldest_append_time.has_value() &&
      *size.oldest_append_time < now - settings.age_max) {
    const absl::StatusOr<int64_t> young = log.OffsetAt(now - settings.age_max);
    if (!young.ok()) return young.status();
    start = std::max(start, *young);
  }
  if (settings.keep_for_cursors) {
    for (const Cursor& cursor : log.cursors()) start = std::min(start, cursor.next_offset);
  }
  return std::max(start, size.bounds.start_offset);
}

RetentionKeeper::RetentionKeeper(std::function<std::vector<std::shared_ptr<Log>>()> logs, absl::Duration interval,
                                 std::function<absl::Time()> clock)
    : logs_(std::move(logs)), interval_(interval), clock_(std::move(clock)) {
  std::thread([this] { Run(); }).swap(thread_);
}

RetentionKeeper::~RetentionKeeper() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void RetentionKeeper::Run() {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), interval_)) return;
    }
    for (const std::shared_ptr<Log>& log : logs_()) Trim(*log);
  }
}

void RetentionKeeper::Trim(Log& log) const {
  const LogSettings settings = log.settings();
  const absl::StatusOr<int64_t> start = RetainedStart(log, clock_());
  if (!start.ok()) {
    LOG(WARNING) << "retention of log " << log.name() << ": " << start.status();
    return;
  }
  if (*start <= log.bounds().start_offset) return;
  log.Change(TrimLog{*start, settings}, [name = log.name(), start = *start](const absl::StatusOr<Cursor>& trimmed) {
    LOG_IF(WARNING, !trimmed.ok()) << "retention of log " << name << ": " << trimmed.status();
    LOG_IF(INFO, trimmed.ok()) << "log " << name << " begins at " << start << " now";
  });
}

}  // namespace eventlog
