#include "eventlog-svc/rpc/cursor_lag.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "eventlog-svc/storage/append_time.h"

namespace eventlog {

std::vector<CursorLag> CursorLags(const Log& log, absl::Time now) {
  const auto read = [&log](const ReadOptions& options) { return log.Read(options); };
  std::vector<CursorLag> lags;
  absl::flat_hash_map<int64_t, std::optional<absl::Time>> times;  // of places; consumers of one log are often together
  // Before the bounds: no cursor lies behind a head that is read later.
  std::vector<Cursor> cursors = log.cursors();
  const LogBounds bounds = log.bounds();
  lags.reserve(cursors.size());
  for (Cursor& cursor : cursors) {
    CursorLag& lag = lags.emplace_back();
    const int64_t next_offset = std::max(cursor.next_offset, bounds.start_offset);
    lag.cursor = std::move(cursor);
    lag.records = std::max<int64_t>(bounds.head_offset - next_offset, 0);
    lag.time = absl::ZeroDuration();
    if (lag.records == 0) continue;
    const auto [time, is_new] = times.try_emplace(next_offset);
    if (is_new) time->second = AppendTimeFrom(read, next_offset);
    if (time->second.has_value()) {
      lag.time = std::max(now - *time->second, absl::ZeroDuration());
    } else {
      lag.time.reset();
    }
  }
  return lags;
}

}  // namespace eventlog
