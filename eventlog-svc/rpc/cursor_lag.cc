#include "eventlog-svc/rpc/cursor_lag.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"

namespace eventlog {
namespace {

// A damaged log has a gap for each bad batch; behind this many in a row no time is looked for.
constexpr int kGapsMax = 8;

// The append time of the first record from `offset` on that can be read.
std::optional<absl::Time> AppendTimeFrom(const Log& log, int64_t offset) {
  for (int gaps = 0; gaps < kGapsMax; ++gaps) {
    const absl::StatusOr<RecordPage> page = log.Read({offset, Direction::kForward, /*records_max=*/1, /*bytes_max=*/1});
    if (!page.ok()) return std::nullopt;
    if (!page->records.empty()) return page->records.front().append_time;
    if (!page->gap.has_value()) return std::nullopt;
    offset = page->next_offset;
  }
  return std::nullopt;
}

}  // namespace

std::vector<CursorLag> CursorLags(const Log& log, absl::Time now) {
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
    if (is_new) time->second = AppendTimeFrom(log, next_offset);
    if (time->second.has_value()) {
      lag.time = std::max(now - *time->second, absl::ZeroDuration());
    } else {
      lag.time.reset();
    }
  }
  return lags;
}

}  // namespace eventlog
