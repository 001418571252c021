#include "gateway-svc/http/status_metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <cstddef>
#include <vector>

#include "absl/strings/str_cat.h"

namespace gateway {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

class Page {
 public:
  void Counter(const char* name, const char* help, int64_t value) {
    Labelled(MetricType::Counter, name, help, "", "", static_cast<double>(value));
  }
  void Gauge(const char* name, const char* help, double value) {
    Labelled(MetricType::Gauge, name, help, "", "", value);
  }
  void Gauge(const char* name, const char* help, int64_t value) { Gauge(name, help, static_cast<double>(value)); }
  // Of a name that came just before it is a further value.
  void Labelled(MetricType type, const char* name, const char* help, const char* label, const std::string& label_value,
                double value) {
    if (families_.empty() || families_.back().name != name) {
      families_.push_back({name, help, type, {}});
    }
    ClientMetric& metric = families_.back().metric.emplace_back();
    (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
    if (*label != '\0') metric.label.push_back({label, label_value});
  }
  std::string Text() const { return prometheus::TextSerializer().Serialize(families_); }

 private:
  std::vector<MetricFamily> families_;
};

void AddConnections(const GatewayStatus& status, Page& page) {
  const auto clients = [&page](const char* transport, int64_t count) {
    page.Labelled(MetricType::Gauge, "gateway_clients", "Clients now, by transport", "transport", transport,
                  static_cast<double>(count));
  };
  clients("websocket", status.websocket_clients());
  clients("sse", status.sse_clients);
  page.Gauge("gateway_connections", "Connections to the public port now", status.connections);
  page.Gauge("gateway_connections_max", "From so many on more are told to come back later", status.connections_max);
  page.Counter("gateway_accepts_total", "Connections accepted, also those refused next", status.accepts);
  const auto refused = [&page](const char* reason, int64_t count) {
    page.Labelled(MetricType::Counter, "gateway_accepts_refused_total",
                  "Connections closed unheard: far above connections_max, or too many of one address", "reason", reason,
                  static_cast<double>(count));
  };
  refused("cap", status.accepts_refused_cap);
  refused("address", status.accepts_refused_address);
  page.Counter("gateway_accept_failures_total", "Tries to accept that found no file descriptor or memory",
               status.accepts_failed);
  page.Counter("gateway_accept_pauses_total", "Pauses in accepting, for accepts_per_second_max", status.accept_pauses);
  for (size_t i = 1; i < status.http_responses.size(); ++i) {
    page.Labelled(MetricType::Counter, "gateway_http_responses_total",
                  "Answers to HTTP requests by class of status; 1xx are handshakes of WebSocket clients", "status",
                  absl::StrCat(i, "xx"), static_cast<double>(status.http_responses[i]));
  }
  page.Counter("gateway_requests_refused_total", "Requests answered with an error before a handshake",
               status.requests_refused);
  for (size_t i = 0; i < kDisconnectReasons.size(); ++i) {
    page.Labelled(MetricType::Counter, "gateway_disconnects_total", "Connections that ended, by reason", "reason",
                  kDisconnectReasons[i], static_cast<double>(status.disconnects[i]));
  }
}

void AddTraffic(const GatewayStatus& status, Page& page) {
  page.Counter("gateway_events_sent_total", "Events given to clients' sockets", status.events_sent);
  page.Counter("gateway_frames_sent_total", "Frames given to clients' sockets", status.frames_sent);
  page.Counter("gateway_sent_bytes_total", "Bytes given to clients' sockets", status.bytes_sent);
  page.Counter("gateway_received_bytes_total", "Bytes from clients, after the handshake", status.bytes_received);
  page.Counter("gateway_messages_received_total", "Messages of clients", status.messages_received);
  page.Counter("gateway_frames_built_total", "Frames of events that were built", status.frames_built);
  page.Counter("gateway_frames_shared_total", "Times that a built frame served a further client", status.frames_shared);
  page.Counter("gateway_frames_compressed_total", "Frames of events that were compressed, once for all clients",
               status.frames_compressed);
  page.Counter("gateway_compression_input_bytes_total", "Bytes before compression", status.compression_bytes_in);
  page.Counter("gateway_compression_output_bytes_total", "Bytes after compression", status.compression_bytes_out);
  page.Counter("gateway_pings_sent_total", "Pings of the gateway; unanswered ones end as disconnects of no_pong",
               status.pings_sent);
  page.Counter("gateway_pongs_received_total", "Pongs of clients", status.pongs_received);
  page.Counter("gateway_heartbeats_sent_total", "Heartbeats sent", status.heartbeats_sent);
  page.Counter("gateway_gaps_sent_total", "Gaps told to clients", status.gaps_sent);
  page.Counter("gateway_lag_warnings_total", "Warnings to clients that read too slowly", status.lag_warnings);
  page.Gauge("gateway_client_lag_events_max", "Events that the client furthest behind has yet to get",
             status.behind_events_max);
}

void AddLog(const GatewayStatus& status, Page& page) {
  page.Gauge("gateway_upstream_connected", "1 while the subscription to the log stands",
             int64_t{status.ring.connected ? 1 : 0});
  page.Counter("gateway_upstream_reconnects_total", "Times that the subscription to the log was established again",
               status.upstream_reconnects());
  page.Gauge("gateway_upstream_lag_events", "Events that the log is known to have and the gateway has yet to take",
             status.upstream_lag());
  page.Counter("gateway_events_published_total", "Events taken from the log", status.ring.events_published);
  page.Gauge("gateway_head_offset", "The offset that comes next", status.ring.head);
  page.Gauge("gateway_log_start_offset", "The oldest offset of the log, as last heard", status.ring.log_start);
  page.Gauge("gateway_ring_start_offset", "The oldest offset in the ring", status.ring.ring_start);
  page.Gauge("gateway_ring_bytes", "Memory of the ring", static_cast<int64_t>(status.ring.bytes));
  page.Counter("gateway_cold_reads_total", "Pages read from the log for clients below the ring", status.cold_reads);
  page.Counter("gateway_cold_hits_total", "Lookups below the ring that found their block in the cache",
               status.cold_hits);
  page.Gauge("gateway_cold_cache_bytes", "Memory of the blocks read below the ring", status.cold_cache_bytes);
}

void AddProcess(const GatewayStatus& status, Page& page) {
  page.Gauge("gateway_ready", "1 while /readyz answers 200", int64_t{status.unready_reason().empty() ? 1 : 0});
  page.Gauge("gateway_draining", "1 while the gateway sends its clients away", int64_t{status.draining ? 1 : 0});
  page.Gauge("gateway_uptime_seconds", "Since the start", absl::ToDoubleSeconds(status.uptime));
  page.Labelled(MetricType::Gauge, "gateway_build_info", "1; the label says the version", "version", kVersion, 1);
  const ProcessFigures& process = status.process;
  if (process.resident_bytes >= 0) {
    page.Gauge("gateway_process_resident_memory_bytes", "Resident memory of the process", process.resident_bytes);
  }
  if (process.open_files >= 0) page.Gauge("gateway_process_open_fds", "Open file descriptors", process.open_files);
  if (process.open_files_max >= 0) {
    page.Gauge("gateway_process_max_fds", "Most file descriptors that may be open", process.open_files_max);
  }
  if (process.cpu_seconds >= 0) {
    page.Labelled(MetricType::Counter, "gateway_process_cpu_seconds_total", "Processor time used", "", "",
                  process.cpu_seconds);
  }
}

}  // namespace

std::string StatusMetrics(const GatewayStatus& status) {
  Page page;
  AddConnections(status, page);
  AddTraffic(status, page);
  AddLog(status, page);
  AddProcess(status, page);
  return page.Text();
}

}  // namespace gateway
