// The query of GET /api/events/firehose, read strictly: what is unknown, repeated, malformed or contradictory is
// refused in words that name the parameter and what would be allowed.

#ifndef GATEWAY_SVC_HTTP_FIREHOSE_REQUEST_H_
#define GATEWAY_SVC_HTTP_FIREHOSE_REQUEST_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gateway-svc/hub/filter.h"

namespace gateway {

// Where a client wants to begin.
struct StartCursor {
  enum class Kind { kLatest, kEarliest, kTail, kTime, kCursor };
  Kind kind = Kind::kLatest;
  int64_t tail = 0;    // kTail: so many records before the head
  absl::Time time;     // kTime
  std::string epoch;   // kCursor
  int64_t offset = 0;  // kCursor: the last one processed, -1 before the first
};

struct FirehoseRequest {
  StartCursor start;
  Filter filter;  // normalized
  absl::Duration heartbeat = absl::Seconds(15);
};

// `query` is what stands behind the '?', still encoded. Errors are kInvalidArgument.
absl::StatusOr<FirehoseRequest> ParseFirehoseRequest(absl::string_view query);

// "latest", "earliest", "tail:N", "time:<RFC 3339>" or "<epoch>:<offset>".
absl::StatusOr<StartCursor> ParseStartCursor(absl::string_view text);

// The cursor of a client that was given everything before `next_offset`.
std::string FormatCursor(absl::string_view epoch, int64_t next_offset);

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_FIREHOSE_REQUEST_H_
