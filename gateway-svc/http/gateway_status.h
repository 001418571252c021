// The state of the gateway as its operations port shows it: a snapshot, and its two written forms.

#ifndef GATEWAY_SVC_HTTP_GATEWAY_STATUS_H_
#define GATEWAY_SVC_HTTP_GATEWAY_STATUS_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "gateway-svc/http/traffic_counters.h"
#include "gateway-svc/hub/event_ring.h"

namespace gateway {

struct GatewayStatus {
  std::string log;
  RingState ring;
  int64_t cold_reads = 0;
  int64_t cold_cache_bytes = 0;
  int64_t connections = 0;  // open, clients and those that are not yet
  // Sums over the shards.
  int64_t clients = 0;
  int64_t events_sent = 0;
  int64_t frames_sent = 0;
  int64_t bytes_sent = 0;
  int64_t bytes_received = 0;
  int64_t requests_refused = 0;
  int64_t frames_built = 0;
  int64_t frames_shared = 0;
  std::array<int64_t, kDisconnectReasons.size()> disconnects{};
  bool draining = false;
  absl::Duration uptime;

  // Adds a shard's.
  void Add(const TrafficCounters& counters);
  // Empty when clients may be sent here, else why not, in one line.
  std::string unready_reason() const;
};

// /stats
std::string StatusJson(const GatewayStatus& status);
// /metrics, in the text format of Prometheus. No label names a client.
std::string StatusMetrics(const GatewayStatus& status);

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_GATEWAY_STATUS_H_
