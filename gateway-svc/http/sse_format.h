// Messages as server-sent events (WHATWG HTML, section 9.2) in chunks of HTTP/1.1 (RFC 9112, section 7.1): what SSE
// clients get, also the shared frames.

#ifndef GATEWAY_SVC_HTTP_SSE_FORMAT_H_
#define GATEWAY_SVC_HTTP_SSE_FORMAT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "gateway-svc/hub/frame_format.h"

namespace gateway {

// One event without a name, as one chunk. `cursor` is its id; empty: it has none. A line break in `json`, which stands
// between its tokens only, becomes a new data line.
std::string SseChunk(absl::string_view json, absl::string_view cursor);
// A comment that keeps the connection alive.
std::string SsePing();
// How long a browser waits before it connects again.
std::string SseRetry(int64_t milliseconds);
// The end of the body.
std::string SseEnd();

class SseFormat : public FrameFormat {
 public:
  std::string Events(const EventRun& run) override;
  std::string Gap(BlockGap reason, absl::string_view epoch, int64_t start_offset, int64_t next_offset) override;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_SSE_FORMAT_H_
