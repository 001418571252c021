// `events` and `gap` as WebSocket text frames for clients that agreed on permessage-deflate: compressed once, for all
// of them, and plain where that is not longer.

#ifndef GATEWAY_SVC_HTTP_DEFLATE_FORMAT_H_
#define GATEWAY_SVC_HTTP_DEFLATE_FORMAT_H_

#include <cstdint>
#include <string>

#include "gateway-svc/http/server_message.h"
#include "gateway-svc/hub/compression_counters.h"
#include "gateway-svc/hub/counter.h"
#include "gateway-svc/hub/frame_format.h"
#include "gateway-svc/websocket/frame_codec.h"
#include "gateway-svc/websocket/message_deflater.h"

namespace gateway {

class DeflateFormat : public FrameFormat {
 public:
  // `counters` outlive it.
  DeflateFormat(const DeflateOptions& options, CompressionCounters& counters)
      : deflater_(options), counters_(counters) {}

  std::string Events(const EventRun& run) override { return Encode(EventsMessage(run)); }
  std::string Gap(BlockGap reason, absl::string_view epoch, int64_t start_offset, int64_t next_offset) override {
    return Encode(GapMessage(reason, epoch, start_offset, next_offset));
  }

 private:
  std::string Encode(const std::string& message) {
    std::string frame = EncodeDeflatedText(deflater_, message);
    Count(counters_.frames);
    Count(counters_.bytes_in, static_cast<int64_t>(message.size()));
    Count(counters_.bytes_out, static_cast<int64_t>(frame.size()));
    return frame;
  }

  MessageDeflater deflater_;
  CompressionCounters& counters_;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_DEFLATE_FORMAT_H_
