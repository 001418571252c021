// The messages of a client of eventlog.v1.json, read strictly (PROTOCOL.md, section 5).

#ifndef GATEWAY_SVC_HTTP_CLIENT_MESSAGE_H_
#define GATEWAY_SVC_HTTP_CLIENT_MESSAGE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gateway-svc/http/delivery_options.h"
#include "gateway-svc/http/stream_cursor.h"
#include "gateway-svc/hub/filter.h"
#include "gateway-svc/hub/page_fetch.h"

namespace gateway {

struct ClientMessage {
  enum class Kind { kOptions, kFetch, kPause, kResume, kPing };
  Kind kind = Kind::kPing;
  // kOptions: what is absent stays as it is.
  std::optional<Filter> filter;  // normalized
  std::optional<DeliveryOptions> delivery;
  std::optional<absl::Duration> heartbeat;
  // kFetch
  FetchDirection direction = FetchDirection::kAfter;
  Cursor cursor;
  int64_t limit = 100;
};

struct ParsedClientMessage {
  // As far as it could be read; also where the message is refused, so that the answer can name it.
  std::optional<std::string> id;
  // kInvalidArgument in words, or OK.
  absl::Status status;
  ClientMessage message;
};

// `text` is UTF-8.
ParsedClientMessage ParseClientMessage(absl::string_view text);

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_CLIENT_MESSAGE_H_
