// The places in a log that a client can name, and their reading: cursors, where to start, where to end.

#ifndef GATEWAY_SVC_HTTP_STREAM_CURSOR_H_
#define GATEWAY_SVC_HTTP_STREAM_CURSOR_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace gateway {

// "The last thing I processed", in one life of the log.
struct Cursor {
  std::string epoch;
  int64_t offset = 0;  // -1 before the first
};

// Where a client wants to begin.
struct StartCursor {
  enum class Kind { kLatest, kEarliest, kTail, kTime, kCursor };
  Kind kind = Kind::kLatest;
  int64_t tail = 0;  // kTail: so many records before the head
  absl::Time time;   // kTime
  Cursor cursor;     // kCursor
};

// Where a client wants to end.
struct UntilCursor {
  enum class Kind { kNever, kCaughtUp, kTime, kCursor };
  Kind kind = Kind::kNever;
  absl::Time time;  // kTime: before the first event appended then or later
  Cursor cursor;    // kCursor: its event is the last
};

// A number from 0, of digits only.
bool ReadNumber(absl::string_view text, int64_t* number);

// Errors of these are kInvalidArgument, and begin with `name`.
// "<epoch>:<offset>".
absl::StatusOr<Cursor> ParseCursor(absl::string_view name, absl::string_view text);
// "latest", "earliest", "tail:N", "time:<RFC 3339>" or a cursor.
absl::StatusOr<StartCursor> ParseStartCursor(absl::string_view text);
// "caught_up", "time:<RFC 3339>" or a cursor.
absl::StatusOr<UntilCursor> ParseUntilCursor(absl::string_view text);

// The cursor of a client that was given everything before `next_offset`.
std::string FormatCursor(absl::string_view epoch, int64_t next_offset);

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_STREAM_CURSOR_H_
