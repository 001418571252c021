// The query of GET /api/events/firehose, read strictly: what is unknown, repeated, malformed or contradictory is
// refused in words that name the parameter and what would be allowed.

#ifndef GATEWAY_SVC_HTTP_FIREHOSE_REQUEST_H_
#define GATEWAY_SVC_HTTP_FIREHOSE_REQUEST_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gateway-svc/http/delivery_options.h"
#include "gateway-svc/http/stream_cursor.h"
#include "gateway-svc/hub/filter.h"

namespace gateway {

struct FirehoseRequest {
  StartCursor start;
  UntilCursor until;
  Filter filter;  // normalized
  DeliveryOptions delivery;
  absl::Duration heartbeat = kHeartbeatDefault;
};

// `query` is what stands behind the '?', still encoded. `last_event_id`, where it is not empty, is a cursor that goes
// before the query's. Errors are kInvalidArgument.
absl::StatusOr<FirehoseRequest> ParseFirehoseRequest(absl::string_view query, absl::string_view last_event_id = "");

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_FIREHOSE_REQUEST_H_
