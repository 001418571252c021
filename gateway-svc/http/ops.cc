#include "gateway-svc/http/ops.h"

#include <httplib.h>
#include <sys/socket.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/client/local_connections.h"
#include "gateway-svc/http/ops_answer.h"
#include "gateway-svc/http/process_figures.h"
#include "gateway-svc/http/status_json.h"
#include "gateway-svc/http/status_metrics.h"

namespace gateway {
namespace {

// More than what may wait for shards at a time, so that /livez is answered.
constexpr size_t kThreads = 4;
constexpr int kTimeoutSeconds = 5;

}  // namespace

Ops::Ops(std::function<GatewayStatus()> status, AdminActions admin)
    : status_(std::move(status)), admin_(std::move(admin)), server_(std::make_unique<httplib::Server>()) {
  // The library's default, SO_REUSEPORT, would let two gateways share the port without a word.
  server_->set_socket_options([](socket_t socket) {
    const int on = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  });
  server_->set_read_timeout(kTimeoutSeconds);
  server_->set_write_timeout(kTimeoutSeconds);
  // A connection that idles would hold one of the few threads, and the end of the process.
  server_->set_keep_alive_max_count(1);
  server_->set_payload_max_length(1024);
  // Before the library reads a body: it would wait for one of a POST that does not say how long it is.
  server_->set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
    Answer(request, response);
    return httplib::Server::HandlerResponse::Handled;
  });
}

Ops::~Ops() { Stop(); }

void Ops::Answer(const httplib::Request& request, httplib::Response& response) const {
  response.set_header("Cache-Control", "no-store");
  if (admin_.Answer(request, response)) return;
  const std::string& path = request.path;
  if (path != "/livez" && path != "/readyz" && path != "/metrics" && path != "/stats") {
    return Refuse(404, "NOT_FOUND",
                  "there is nothing here; there are /livez, /readyz, /metrics, /stats, /admin/clients and /admin/drain",
                  response);
  }
  if (!CheckMethod(request, "GET", response)) return;
  if (path == "/livez") return response.set_content("ok\n", "text/plain");
  GatewayStatus status = status_();
  // Not for /readyz, which is asked often: with many connections this takes milliseconds.
  if (path != "/readyz") status.process = ReadProcessFigures();
  if (path == "/metrics") {
    return response.set_content(StatusMetrics(status), "text/plain; version=0.0.4; charset=utf-8");
  }
  if (path == "/stats") return response.set_content(StatusJson(status), "application/json");
  const std::string reason = status.unready_reason();
  response.status = reason.empty() ? 200 : 503;
  response.set_content(reason.empty() ? "ok\n" : absl::StrCat(reason, "\n"), "text/plain");
}

absl::Status Ops::Open(const std::string& host, uint16_t port) {
  int bound = port;
  if (port == 0) {
    bound = server_->bind_to_any_port(host);
  } else if (!server_->bind_to_port(host, port)) {
    bound = -1;
  }
  if (bound <= 0)
    return absl::AlreadyExistsError(absl::StrCat("cannot listen on ", host, ":", port, ": in use, or no such address"));
  port_ = static_cast<uint16_t>(bound);
  absl::StatusOr<std::unique_ptr<eventlog::ServerLoop>> loop =
      eventlog::ServerLoop::Start(*server_, kThreads, [this, host] { return server_->bind_to_port(host, port_); });
  if (!loop.ok()) return loop.status();
  loop_ = *std::move(loop);
  loop_->set_end_connections([port = port_] { eventlog::ShutDownConnections(port); });
  return absl::OkStatus();
}

void Ops::Stop() { loop_.reset(); }

}  // namespace gateway
