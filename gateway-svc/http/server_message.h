// The messages of the subprotocol eventlog.v1.json, as JSON texts and as frames.

#ifndef GATEWAY_SVC_HTTP_SERVER_MESSAGE_H_
#define GATEWAY_SVC_HTTP_SERVER_MESSAGE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gateway-svc/hub/filter.h"
#include "gateway-svc/hub/frame_format.h"

namespace gateway {

struct Hello {
  std::string connection;
  std::string log;
  std::string epoch;
  int64_t log_start = 0;
  int64_t log_head = 0;
  int64_t next_offset = 0;  // where delivery begins
  Filter filter;
  absl::Duration heartbeat;
  size_t client_frame_bytes_max = 0;
  size_t client_message_bytes_max = 0;
  absl::Duration slow_client_deadline;
};

std::string HelloMessage(const Hello& hello);
std::string LiveMessage(absl::string_view epoch, int64_t next_offset);
std::string HeartbeatMessage(absl::string_view epoch, int64_t next_offset, int64_t head, absl::Time now);
// `cursor` is empty when there is none to go on from.
std::string ErrorMessage(absl::string_view code, absl::string_view message, bool retry, absl::string_view cursor);

// `text` as a JSON string, quotes included. `text` is UTF-8.
std::string JsonString(absl::string_view text);

// `events` and `gap` as WebSocket text frames.
class JsonFrameFormat : public FrameFormat {
 public:
  std::string Events(const std::vector<absl::string_view>& events, absl::string_view epoch,
                     int64_t next_offset) const override;
  std::string Gap(BlockGap reason, absl::string_view epoch, int64_t start_offset, int64_t next_offset) const override;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_SERVER_MESSAGE_H_
