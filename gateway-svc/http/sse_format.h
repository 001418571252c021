// Messages as server-sent events (WHATWG HTML, section 9.2) in chunks of HTTP/1.1 (RFC 9112, section 7.1): what SSE
// clients get, also the shared frames.

#ifndef GATEWAY_SVC_HTTP_SSE_FORMAT_H_
#define GATEWAY_SVC_HTTP_SSE_FORMAT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "gateway-svc/hub/frame_format.h"
#include "gateway-svc/websocket/close_code.h"

namespace gateway {

// How long a browser waits before it connects again, where that is not to be at once: as long as can be where the same
// would fail again.
int64_t SseRetryMs(Comeback comeback);

// One event without a name. `cursor` is its id; empty: it has none. A line break in `json`, which stands between its
// tokens only, becomes a new data line.
std::string SseEvent(absl::string_view json, absl::string_view cursor);
// The same as one chunk.
std::string SseChunk(absl::string_view json, absl::string_view cursor);
// A comment that keeps the connection alive.
std::string SsePing();
// Says how long to wait.
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
