#include "gateway-svc/http/gateway_status.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gateway-svc/http/server_message.h"

namespace gateway {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

int64_t Load(const std::atomic<int64_t>& counter) { return counter.load(std::memory_order_relaxed); }

MetricFamily Family(const char* name, const char* help, MetricType type) {
  MetricFamily family;
  family.name = name;
  family.help = help;
  family.type = type;
  return family;
}

ClientMetric Metric(MetricType type, double value) {
  ClientMetric metric;
  (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  return metric;
}

MetricFamily Single(const char* name, const char* help, MetricType type, double value) {
  MetricFamily family = Family(name, help, type);
  family.metric.push_back(Metric(type, value));
  return family;
}

MetricFamily Counter(const char* name, const char* help, int64_t value) {
  return Single(name, help, MetricType::Counter, static_cast<double>(value));
}

MetricFamily Gauge(const char* name, const char* help, int64_t value) {
  return Single(name, help, MetricType::Gauge, static_cast<double>(value));
}

MetricFamily Disconnects(const GatewayStatus& status) {
  MetricFamily family =
      Family("gateway_disconnects_total", "WebSocket clients that went, by reason", MetricType::Counter);
  for (size_t i = 0; i < kDisconnectReasons.size(); ++i) {
    ClientMetric metric = Metric(MetricType::Counter, static_cast<double>(status.disconnects[i]));
    metric.label.push_back({"reason", kDisconnectReasons[i]});
    family.metric.push_back(std::move(metric));
  }
  return family;
}

}  // namespace

void GatewayStatus::Add(const TrafficCounters& counters) {
  clients += Load(counters.clients);
  events_sent += Load(counters.events_sent);
  frames_sent += Load(counters.frames_sent);
  bytes_sent += Load(counters.bytes_sent);
  bytes_received += Load(counters.bytes_received);
  requests_refused += Load(counters.requests_refused);
  frames_built += Load(counters.frames.built);
  frames_shared += Load(counters.frames.shared);
  for (size_t i = 0; i < disconnects.size(); ++i) disconnects[i] += Load(counters.disconnects[i]);
}

std::string GatewayStatus::unready_reason() const {
  if (draining) return "draining";
  if (!ring.connected) return "the log service is not connected";
  return "";
}

std::string StatusJson(const GatewayStatus& status) {
  std::string disconnects;
  for (size_t i = 0; i < kDisconnectReasons.size(); ++i) {
    absl::StrAppend(&disconnects, i > 0 ? "," : "", JsonString(kDisconnectReasons[i]), ":", status.disconnects[i]);
  }
  return absl::StrCat(
      R"({"log":{"name":)", JsonString(status.log), R"(,"epoch":)", JsonString(status.ring.epoch), R"(,"start":)",
      status.ring.log_start, R"(,"head":)", status.ring.head, R"(},"ready":)",
      status.unready_reason().empty() ? "true" : "false", R"(,"upstream_connected":)",
      status.ring.connected ? "true" : "false", R"(,"draining":)", status.draining ? "true" : "false", R"(,"clients":)",
      status.clients, R"(,"connections":)", status.connections, R"(,"events_published":)", status.ring.events_published,
      R"(,"events_sent":)", status.events_sent, R"(,"frames_sent":)", status.frames_sent, R"(,"frames_built":)",
      status.frames_built, R"(,"frames_shared":)", status.frames_shared, R"(,"bytes_sent":)", status.bytes_sent,
      R"(,"bytes_received":)", status.bytes_received, R"(,"requests_refused":)", status.requests_refused,
      R"(,"ring":{"start":)", status.ring.ring_start, R"(,"bytes":)", status.ring.bytes, R"(},"cold_reads":)",
      status.cold_reads, R"(,"cold_cache_bytes":)", status.cold_cache_bytes, R"(,"disconnects":{)", disconnects,
      R"(},"uptime_s":)", absl::ToInt64Seconds(status.uptime), "}\n");
}

std::string StatusMetrics(const GatewayStatus& status) {
  const std::vector<MetricFamily> families = {
      Gauge("gateway_clients", "WebSocket clients now", status.clients),
      Gauge("gateway_connections", "Connections to the public port now", status.connections),
      Gauge("gateway_upstream_connected", "1 while the subscription to the log stands", status.ring.connected ? 1 : 0),
      Gauge("gateway_draining", "1 while the gateway stops", status.draining ? 1 : 0),
      Gauge("gateway_head_offset", "The offset that comes next", status.ring.head),
      Gauge("gateway_ring_start_offset", "The oldest offset in the ring", status.ring.ring_start),
      Gauge("gateway_ring_bytes", "Memory of the ring", static_cast<int64_t>(status.ring.bytes)),
      Gauge("gateway_cold_cache_bytes", "Memory of the blocks read below the ring", status.cold_cache_bytes),
      Counter("gateway_cold_reads_total", "Pages read from the log for clients below the ring", status.cold_reads),
      Counter("gateway_events_published_total", "Events taken from the log", status.ring.events_published),
      Counter("gateway_events_sent_total", "Events given to clients' sockets", status.events_sent),
      Counter("gateway_frames_sent_total", "Frames given to clients' sockets", status.frames_sent),
      Counter("gateway_sent_bytes_total", "Bytes given to clients' sockets", status.bytes_sent),
      Counter("gateway_received_bytes_total", "Bytes from WebSocket clients", status.bytes_received),
      Counter("gateway_frames_built_total", "Frames of events that were built", status.frames_built),
      Counter("gateway_frames_shared_total", "Times that a built frame served a further client", status.frames_shared),
      Counter("gateway_requests_refused_total", "Requests answered with an error before a handshake",
              status.requests_refused),
      Disconnects(status),
      Single("gateway_uptime_seconds", "Since the start", MetricType::Gauge, absl::ToDoubleSeconds(status.uptime)),
  };
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace gateway
