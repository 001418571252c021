#include "gateway-svc/http/status_json.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "gateway-svc/http/server_message.h"

namespace gateway {
namespace {

// The members of one object, in order.
class Members {
 public:
  Members& Raw(absl::string_view name, absl::string_view json) {
    absl::StrAppend(&text_, text_.empty() ? "" : ",", JsonString(name), ":", json);
    return *this;
  }
  Members& Number(absl::string_view name, int64_t value) { return Raw(name, absl::StrCat(value)); }
  Members& Bool(absl::string_view name, bool value) { return Raw(name, value ? "true" : "false"); }
  Members& Text(absl::string_view name, absl::string_view value) { return Raw(name, JsonString(value)); }
  std::string Object() const { return absl::StrCat("{", text_, "}"); }

 private:
  std::string text_;
};

std::string Log(const GatewayStatus& status) {
  return Members()
      .Text("name", status.log)
      .Text("epoch", status.ring.epoch)
      .Number("start", status.ring.log_start)
      .Number("head", status.ring.head)
      .Object();
}

std::string Upstream(const GatewayStatus& status) {
  return Members()
      .Number("reconnects", status.upstream_reconnects())
      .Number("lag_events", status.upstream_lag())
      .Object();
}

std::string Accepts(const GatewayStatus& status) {
  return Members()
      .Number("total", status.accepts)
      .Number("refused_cap", status.accepts_refused_cap)
      .Number("refused_address", status.accepts_refused_address)
      .Number("failed", status.accepts_failed)
      .Number("pauses", status.accept_pauses)
      .Object();
}

std::string Responses(const GatewayStatus& status) {
  Members members;
  for (size_t i = 1; i < status.http_responses.size(); ++i) {
    members.Number(absl::StrCat(i, "xx"), status.http_responses[i]);
  }
  return members.Object();
}

std::string Compression(const GatewayStatus& status) {
  return Members()
      .Number("frames", status.frames_compressed)
      .Number("bytes_in", status.compression_bytes_in)
      .Number("bytes_out", status.compression_bytes_out)
      .Object();
}

std::string Disconnects(const GatewayStatus& status) {
  Members members;
  for (size_t i = 0; i < kDisconnectReasons.size(); ++i) members.Number(kDisconnectReasons[i], status.disconnects[i]);
  return members.Object();
}

std::string Process(const ProcessFigures& process) {
  return Members()
      .Number("resident_bytes", process.resident_bytes)
      .Number("open_files", process.open_files)
      .Number("open_files_max", process.open_files_max)
      .Object();
}

}  // namespace

std::string StatusJson(const GatewayStatus& status) {
  Members members;
  members.Raw("log", Log(status));
  members.Bool("ready", status.unready_reason().empty());
  members.Bool("upstream_connected", status.ring.connected);
  members.Raw("upstream", Upstream(status));
  members.Bool("draining", status.draining);
  members.Number("clients", status.clients);
  members.Raw("clients_by_transport",
              Members().Number("websocket", status.websocket_clients()).Number("sse", status.sse_clients).Object());
  members.Number("connections", status.connections);
  members.Number("connections_max", status.connections_max);
  members.Raw("accepts", Accepts(status));
  members.Raw("http_responses", Responses(status));
  members.Number("events_published", status.ring.events_published);
  members.Number("events_sent", status.events_sent);
  members.Number("frames_sent", status.frames_sent);
  members.Number("frames_built", status.frames_built);
  members.Number("frames_shared", status.frames_shared);
  members.Raw("compression", Compression(status));
  members.Number("bytes_sent", status.bytes_sent);
  members.Number("bytes_received", status.bytes_received);
  members.Number("requests_refused", status.requests_refused);
  members.Number("client_lag_events_max", status.behind_events_max);
  members.Number("lag_warnings", status.lag_warnings);
  members.Raw("ring", Members()
                          .Number("start", status.ring.ring_start)
                          .Number("bytes", static_cast<int64_t>(status.ring.bytes))
                          .Object());
  members.Number("cold_reads", status.cold_reads);
  members.Number("cold_hits", status.cold_hits);
  members.Number("cold_cache_bytes", status.cold_cache_bytes);
  members.Raw("disconnects", Disconnects(status));
  members.Raw("process", Process(status.process));
  members.Number("uptime_s", absl::ToInt64Seconds(status.uptime));
  members.Text("version", kVersion);
  return members.Object() + "\n";
}

}  // namespace gateway
