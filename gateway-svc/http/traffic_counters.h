// What one shard counts. Written by its thread, read by the operations port.

#ifndef GATEWAY_SVC_HTTP_TRAFFIC_COUNTERS_H_
#define GATEWAY_SVC_HTTP_TRAFFIC_COUNTERS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "gateway-svc/hub/compression_counters.h"
#include "gateway-svc/hub/counter.h"
#include "gateway-svc/hub/filter_group.h"

namespace gateway {

// Why connections went. Each that was handed to a shard is counted under exactly one of these when it ends.
inline constexpr auto kDisconnectReasons = std::to_array<const char*>({
    "client",  // it sent a Close frame, or ended its SSE stream
    "lost",    // its connection broke
    // Close frames of the gateway: the names of close_code.h, and what PROTOCOL.md section 7 says of them.
    "normal", "protocol_error", "invalid_payload", "flood", "kicked", "too_big", "inflate_ratio", "internal", "restart",
    "overloaded", "no_upstream", "bad_request", "wrong_epoch", "beyond_head", "gap", "slow", "no_pong",
    // Before it was a client.
    "http",               // an HTTP request that was answered
    "refused",            // by origin, method or path
    "handshake_timeout",  // no whole request came in time
    "headers_too_large", "bad_http",
    "other",  // what is in no list
});

struct TrafficCounters {
  // HTTP answers by their status' hundreds; [0] is what is none.
  static constexpr size_t kStatusClasses = 6;

  std::atomic<int64_t> clients{0};      // now, over whatever transport
  std::atomic<int64_t> sse_clients{0};  // of them, over server-sent events
  std::atomic<int64_t> events_sent{0};  // wholly given to sockets
  std::atomic<int64_t> frames_sent{0};
  std::atomic<int64_t> bytes_sent{0};
  std::atomic<int64_t> bytes_received{0};
  std::atomic<int64_t> requests_refused{0};   // HTTP answers other than 101
  std::atomic<int64_t> messages_received{0};  // whole messages of clients, not pings and pongs
  std::atomic<int64_t> pings_sent{0};
  std::atomic<int64_t> pongs_received{0};
  std::atomic<int64_t> heartbeats_sent{0};
  std::atomic<int64_t> lag_warnings{0};  // `lag` messages sent
  std::atomic<int64_t> gaps_sent{0};     // `gap` messages sent
  // The most that a client is behind, in events, as of the last tick.
  std::atomic<int64_t> behind_events_max{0};
  std::array<std::atomic<int64_t>, kStatusClasses> http_responses{};
  std::array<std::atomic<int64_t>, kDisconnectReasons.size()> disconnects{};
  FrameCounters frames;
  CompressionCounters compression;

  void CountDisconnect(absl::string_view reason) {
    size_t i = 0;
    while (i + 1 < kDisconnectReasons.size() && reason != kDisconnectReasons[i]) ++i;
    Count(disconnects[i]);
  }
  void CountResponse(unsigned status) {
    const size_t hundreds = status / 100;
    Count(http_responses[hundreds < kStatusClasses ? hundreds : 0]);
  }
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_TRAFFIC_COUNTERS_H_
