// `events` and `gap` as WebSocket text frames.

#ifndef GATEWAY_SVC_HTTP_WEBSOCKET_FORMAT_H_
#define GATEWAY_SVC_HTTP_WEBSOCKET_FORMAT_H_

#include <cstdint>
#include <string>

#include "gateway-svc/http/server_message.h"
#include "gateway-svc/hub/frame_format.h"
#include "gateway-svc/websocket/frame_codec.h"

namespace gateway {

class WebSocketFormat : public FrameFormat {
 public:
  std::string Events(const EventRun& run) override { return EncodeFrame(Opcode::kText, EventsMessage(run)); }
  std::string Gap(BlockGap reason, absl::string_view epoch, int64_t start_offset, int64_t next_offset) override {
    return EncodeFrame(Opcode::kText, GapMessage(reason, epoch, start_offset, next_offset));
  }
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_WEBSOCKET_FORMAT_H_
