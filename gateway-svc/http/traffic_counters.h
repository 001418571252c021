// What one shard counts. Written by its thread, read by the operations port.

#ifndef GATEWAY_SVC_HTTP_TRAFFIC_COUNTERS_H_
#define GATEWAY_SVC_HTTP_TRAFFIC_COUNTERS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "gateway-svc/hub/filter_group.h"

namespace gateway {

// Why clients went: the names of close_code.h, `client` when the client closed, `lost` when its connection broke, and
// `other` for what is in no list.
inline constexpr std::array<const char*, 25> kDisconnectReasons = {"client",
                                                                   "lost",
                                                                   "normal",
                                                                   "protocol_error",
                                                                   "invalid_payload",
                                                                   "flood",
                                                                   "kicked",
                                                                   "too_big",
                                                                   "inflate_ratio",
                                                                   "internal",
                                                                   "restart",
                                                                   "overloaded",
                                                                   "no_upstream",
                                                                   "bad_request",
                                                                   "wrong_epoch",
                                                                   "beyond_head",
                                                                   "gap",
                                                                   "slow",
                                                                   "no_pong",
                                                                   "http",
                                                                   "handshake_timeout",
                                                                   "headers_too_large",
                                                                   "bad_http",
                                                                   "refused",
                                                                   "other"};

struct TrafficCounters {
  std::atomic<int64_t> clients{0};      // WebSocket clients now
  std::atomic<int64_t> events_sent{0};  // wholly given to sockets
  std::atomic<int64_t> frames_sent{0};
  std::atomic<int64_t> bytes_sent{0};
  std::atomic<int64_t> bytes_received{0};
  std::atomic<int64_t> requests_refused{0};  // HTTP answers that are errors
  std::atomic<int64_t> lag_warnings{0};
  std::array<std::atomic<int64_t>, kDisconnectReasons.size()> disconnects{};
  FrameCounters frames;

  void CountDisconnect(absl::string_view reason) {
    size_t i = 0;
    while (i + 1 < kDisconnectReasons.size() && reason != kDisconnectReasons[i]) ++i;
    disconnects[i].fetch_add(1, std::memory_order_relaxed);
  }
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_TRAFFIC_COUNTERS_H_
