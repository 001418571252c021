// The messages of the subprotocol eventlog.v1.json, as JSON texts (PROTOCOL.md, section 4).

#ifndef GATEWAY_SVC_HTTP_SERVER_MESSAGE_H_
#define GATEWAY_SVC_HTTP_SERVER_MESSAGE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gateway-svc/http/delivery_options.h"
#include "gateway-svc/hub/filter.h"
#include "gateway-svc/hub/frame_format.h"
#include "gateway-svc/hub/page_fetch.h"

namespace gateway {

struct Hello {
  std::string connection;  // empty: not named, as there is none
  std::string log;
  std::string epoch;
  int64_t log_start = 0;
  int64_t log_head = 0;
  int64_t next_offset = 0;  // where delivery begins
  std::string until;        // a cursor or a time; empty: never
  Filter filter;
  DeliveryOptions delivery;
  absl::Duration heartbeat;
  size_t client_frame_bytes_max = 0;
  size_t client_message_bytes_max = 0;
  double client_messages_per_second = 0;
  double client_messages_burst = 0;
  absl::Duration slow_client_deadline;
};

// What an error says beside its words.
struct ErrorDetails {
  bool retry = false;
  std::string cursor;             // empty: there is none to go on from
  std::optional<std::string> id;  // of the client message that it answers
};

std::string HelloMessage(const Hello& hello);
std::string EventsMessage(const EventRun& run);
std::string LiveMessage(absl::string_view epoch, int64_t next_offset);
std::string HeartbeatMessage(absl::string_view epoch, int64_t next_offset, int64_t head, absl::Time now);
std::string GapMessage(BlockGap reason, absl::string_view epoch, int64_t start_offset, int64_t next_offset);
std::string LagMessage(int64_t behind_events, absl::Duration behind, absl::Duration deadline);
std::string DrainMessage(absl::Duration deadline, absl::Duration reconnect_after);
std::string AckMessage(const std::optional<std::string>& id, absl::string_view epoch, int64_t next_offset);
std::string PageMessage(const std::optional<std::string>& id, absl::string_view epoch, const PageFetch& page);
std::string ErrorMessage(absl::string_view code, absl::string_view message, const ErrorDetails& details = {});

// `text` as a JSON string, quotes included. `text` is UTF-8.
std::string JsonString(absl::string_view text);
std::string FilterJson(const Filter& filter);

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_SERVER_MESSAGE_H_
