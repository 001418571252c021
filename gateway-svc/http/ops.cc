#include "gateway-svc/http/ops.h"

#include <httplib.h>
#include <sys/socket.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace gateway {
namespace {

constexpr size_t kThreads = 2;
constexpr int kTimeoutSeconds = 5;

}  // namespace

Ops::Ops(std::function<GatewayStatus()> status)
    : status_(std::move(status)), server_(std::make_unique<httplib::Server>()) {
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
  Route();
}

Ops::~Ops() { Stop(); }

void Ops::Route() {
  server_->Get("/livez", [](const httplib::Request&, httplib::Response& response) {
    response.set_content("ok\n", "text/plain");
  });
  server_->Get("/readyz", [this](const httplib::Request&, httplib::Response& response) {
    const std::string reason = status_().unready_reason();
    response.status = reason.empty() ? 200 : 503;
    response.set_content(reason.empty() ? "ok\n" : absl::StrCat(reason, "\n"), "text/plain");
  });
  server_->Get("/metrics", [this](const httplib::Request&, httplib::Response& response) {
    response.set_content(StatusMetrics(status_()), "text/plain; version=0.0.4; charset=utf-8");
  });
  server_->Get("/stats", [this](const httplib::Request&, httplib::Response& response) {
    response.set_content(StatusJson(status_()), "application/json");
  });
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
  absl::StatusOr<std::unique_ptr<ServerLoop>> loop = ServerLoop::Start(*server_, kThreads);
  if (!loop.ok()) return loop.status();
  loop_ = *std::move(loop);
  return absl::OkStatus();
}

void Ops::Stop() { loop_.reset(); }

}  // namespace gateway
