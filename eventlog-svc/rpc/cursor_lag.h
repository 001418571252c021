// How far the consumers of a log's cursors are behind.

#ifndef EVENTLOG_SVC_RPC_CURSOR_LAG_H_
#define EVENTLOG_SVC_RPC_CURSOR_LAG_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "eventlog-svc/engine/log.h"

namespace eventlog {

struct CursorLag {
  Cursor cursor;
  // Offsets from the cursor, or from the log's start when that is higher, to the head. Never negative.
  int64_t records = 0;
  // Since the append of the oldest record that the cursor has not passed; 0 when it has passed all, also when the clock
  // was set back. Nothing when that record cannot be read.
  std::optional<absl::Duration> time;
};

// By name. Reads the log, one record for each place at which cursors stand: do not call it on a thread that must not
// wait.
std::vector<CursorLag> CursorLags(const Log& log, absl::Time now);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_CURSOR_LAG_H_
