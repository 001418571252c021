// Requests, held against the limits of the API and turned into what the engine takes. Each refusal says what was wrong,
// where ("events[3].type"), and what would be right.

#ifndef EVENTLOG_SVC_RPC_REQUEST_VALIDATOR_H_
#define EVENTLOG_SVC_RPC_REQUEST_VALIDATOR_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/log.h"
#include "eventlog-svc/engine/subscription.h"
#include "eventlog-svc/rpc/plain_append.h"
#include "eventlog-svc/rpc/uuid_v7.h"
#include "proto/eventlog/v1/event_log.pb.h"

namespace eventlog {

struct RequestLimits {
  int64_t event_bytes_max = 1024 * 1024;
  int64_t batch_bytes_max = 4 * 1024 * 1024;
  int64_t batch_events_max = 10'000;
};

// What a Read asks for.
struct ReadPlan {
  SubscriptionStart start;
  EventFilter filter;
  Direction direction = Direction::kForward;
  int64_t records_max = 1000;
  int64_t bytes_max = 1024 * 1024;
  bool fail_on_gap = false;
};

// Thread safe.
class RequestValidator {
 public:
  explicit RequestValidator(const RequestLimits& limits) : limits_(limits) {}

  // kInvalidArgument EMPTY_APPEND, EVENT_INVALID, EVENT_TOO_LARGE, BATCH_TOO_LARGE, OFFSET_INVALID, REQUEST_INVALID;
  // kFailedPrecondition DURABILITY_UNSUPPORTED. Events without an id get one; everything else of them stays as it came,
  // unknown fields too. Of the service's limits and the log's the smaller holds.
  absl::StatusOr<AppendBatch> Append(v1::AppendRequest& request, absl::Time now, const LogSettings& log = {});
  // The same of a request whose events need no parsing.
  absl::StatusOr<AppendBatch> Append(const PlainAppend& request, absl::Time now, const LogSettings& log = {});
  // What the wire form of an AppendRequest tells of the same limits without parsing an event: kInvalidArgument
  // EVENT_TOO_LARGE, BATCH_TOO_LARGE. OK for what is not well formed.
  absl::Status AppendSizes(absl::string_view request) const;
  // How many events a batch may have.
  size_t events_max() const { return static_cast<size_t>(limits_.batch_events_max); }
  // kInvalidArgument OFFSET_INVALID, CURSOR_INVALID, FILTER_INVALID, REQUEST_INVALID. The start of a request with a
  // cursor is the cursor's, which is not known here.
  absl::StatusOr<SubscriptionOptions> Subscribe(const v1::SubscribeRequest& request) const;
  // kInvalidArgument OFFSET_INVALID, FILTER_INVALID, REQUEST_INVALID.
  absl::StatusOr<ReadPlan> Read(const v1::ReadRequest& request) const;
  // kInvalidArgument REQUEST_INVALID.
  absl::Status GetLogStats(const v1::GetLogStatsRequest& request) const;

 private:
  // Everything but the events.
  absl::StatusOr<AppendBatch> BeginAppend(const v1::AppendRequest& request, int64_t count) const;

  const RequestLimits limits_;
  UuidV7Generator ids_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_REQUEST_VALIDATOR_H_
