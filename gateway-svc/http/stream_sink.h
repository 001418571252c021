// Where a ClientStream puts what its client gets: a connection's window. The shard's thread.

#ifndef GATEWAY_SVC_HTTP_STREAM_SINK_H_
#define GATEWAY_SVC_HTTP_STREAM_SINK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "gateway-svc/hub/frame_format.h"
#include "gateway-svc/websocket/close_code.h"

namespace gateway {

class StreamSink {
 public:
  virtual ~StreamSink() = default;
  // A message of this client only, in its turn; `cursor` is the place that it brings the client to, or empty.
  virtual void PushMessage(absl::string_view json, absl::string_view cursor) = 0;
  virtual void PushFrame(SharedFramePtr frame) = 0;
  // Given, and not taken by the socket yet.
  virtual size_t pending_bytes() const = 0;
  // The start of the first frame among it.
  virtual std::optional<int64_t> first_unsent_offset() const = 0;
  virtual FrameFormat& frame_format() = 0;
  // Ends in words: an `error` in-band unless `error_code` is empty, then as the wire's protocol ends, with the cursor.
  virtual void EndStream(const CloseCode& code, absl::string_view error_code, absl::string_view message) = 0;
  // Calls OnTurn of the stream, and fills, when others had their turns.
  virtual void AskTurn() = 0;
  // Calls OnPage and OnTurn of the stream, and fills, when that page of the log was read.
  virtual void AwaitPage(int64_t page_start) = 0;
  // When OnTimer of the stream is due at the latest.
  virtual void WakeAt(absl::Duration when) = 0;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_STREAM_SINK_H_
