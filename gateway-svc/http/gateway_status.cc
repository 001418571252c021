#include "gateway-svc/http/gateway_status.h"

#include <algorithm>
#include <atomic>

#include "absl/strings/str_cat.h"

namespace gateway {
namespace {

int64_t Load(const std::atomic<int64_t>& counter) { return counter.load(std::memory_order_relaxed); }

}  // namespace

void GatewayStatus::Add(const TrafficCounters& counters) {
  clients += Load(counters.clients);
  sse_clients += Load(counters.sse_clients);
  events_sent += Load(counters.events_sent);
  frames_sent += Load(counters.frames_sent);
  bytes_sent += Load(counters.bytes_sent);
  bytes_received += Load(counters.bytes_received);
  requests_refused += Load(counters.requests_refused);
  messages_received += Load(counters.messages_received);
  pings_sent += Load(counters.pings_sent);
  pongs_received += Load(counters.pongs_received);
  heartbeats_sent += Load(counters.heartbeats_sent);
  lag_warnings += Load(counters.lag_warnings);
  gaps_sent += Load(counters.gaps_sent);
  frames_built += Load(counters.frames.built);
  frames_shared += Load(counters.frames.shared);
  frames_compressed += Load(counters.compression.frames);
  compression_bytes_in += Load(counters.compression.bytes_in);
  compression_bytes_out += Load(counters.compression.bytes_out);
  behind_events_max = std::max(behind_events_max, Load(counters.behind_events_max));
  for (size_t i = 0; i < http_responses.size(); ++i) http_responses[i] += Load(counters.http_responses[i]);
  for (size_t i = 0; i < disconnects.size(); ++i) disconnects[i] += Load(counters.disconnects[i]);
}

void GatewayStatus::Set(const AcceptCounters& counters) {
  accepts = Load(counters.accepted);
  accepts_refused_cap = Load(counters.refused_cap);
  accepts_refused_address = Load(counters.refused_address);
  accepts_failed = Load(counters.failed);
  accept_pauses = Load(counters.paused);
}

int64_t GatewayStatus::upstream_lag() const { return std::max<int64_t>(0, ring.log_head - ring.head); }

int64_t GatewayStatus::upstream_reconnects() const { return std::max<int64_t>(0, upstream_connects - 1); }

std::string GatewayStatus::unready_reason() const {
  if (draining) return "draining";
  if (!ring.connected) return "the log service is not connected";
  if (connections_max > 0 && connections >= connections_max) {
    return absl::StrCat("full: ", connections, " connections of at most ", connections_max);
  }
  return "";
}

}  // namespace gateway
