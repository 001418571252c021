// The state of the gateway as its operations port shows it: a snapshot.

#ifndef GATEWAY_SVC_HTTP_GATEWAY_STATUS_H_
#define GATEWAY_SVC_HTTP_GATEWAY_STATUS_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "gateway-svc/http/accept_counters.h"
#include "gateway-svc/http/process_figures.h"
#include "gateway-svc/http/traffic_counters.h"
#include "gateway-svc/hub/event_ring.h"

namespace gateway {

inline constexpr char kVersion[] = "0.1.0";

struct GatewayStatus {
  std::string log;
  RingState ring;
  int64_t upstream_connects = 0;  // how often the subscription to the log was established
  int64_t cold_reads = 0;
  int64_t cold_hits = 0;
  int64_t cold_cache_bytes = 0;
  int64_t connections = 0;      // open, clients and those that are not yet
  int64_t connections_max = 0;  // 0: not known
  // Sums over the shards.
  int64_t clients = 0;
  int64_t sse_clients = 0;  // of them
  int64_t events_sent = 0;
  int64_t frames_sent = 0;
  int64_t bytes_sent = 0;
  int64_t bytes_received = 0;
  int64_t requests_refused = 0;
  int64_t messages_received = 0;
  int64_t pings_sent = 0;
  int64_t pongs_received = 0;
  int64_t heartbeats_sent = 0;
  int64_t lag_warnings = 0;
  int64_t gaps_sent = 0;
  int64_t frames_built = 0;
  int64_t frames_shared = 0;
  int64_t frames_compressed = 0;
  int64_t compression_bytes_in = 0;
  int64_t compression_bytes_out = 0;
  std::array<int64_t, TrafficCounters::kStatusClasses> http_responses{};
  std::array<int64_t, kDisconnectReasons.size()> disconnects{};
  int64_t behind_events_max = 0;  // of all clients
  // The listener's.
  int64_t accepts = 0;
  int64_t accepts_refused_cap = 0;
  int64_t accepts_refused_address = 0;
  int64_t accepts_failed = 0;
  int64_t accept_pauses = 0;
  ProcessFigures process;
  bool draining = false;
  absl::Duration uptime;

  // Adds a shard's.
  void Add(const TrafficCounters& counters);
  void Set(const AcceptCounters& counters);
  int64_t websocket_clients() const { return clients - sse_clients; }
  // How many events the gateway has yet to take from the log, as far as it knows.
  int64_t upstream_lag() const;
  int64_t upstream_reconnects() const;
  // Empty when clients may be sent here, else why not, in one line.
  std::string unready_reason() const;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_GATEWAY_STATUS_H_
