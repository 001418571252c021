#include "eventlog-svc/http/operations_server.h"

#include <sys/socket.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/client/local_connections.h"
#include "httplib.h"

namespace eventlog {
namespace {

constexpr size_t kThreads = 4;
constexpr time_t kTimeoutSeconds = 5;
constexpr size_t kPayloadBytesMax = 64 * 1024;

}  // namespace

OperationsServer::OperationsServer() : server_(std::make_unique<httplib::Server>()) {}

absl::StatusOr<std::unique_ptr<OperationsServer>> OperationsServer::Start(const std::string& host, int port,
                                                                          OperationsPages pages) {
  std::unique_ptr<OperationsServer> operations(new OperationsServer());
  httplib::Server& server = *operations->server_;
  server.set_read_timeout(kTimeoutSeconds);
  server.set_write_timeout(kTimeoutSeconds);
  // A connection that idles would hold one of the few threads.
  server.set_keep_alive_max_count(1);
  server.set_payload_max_length(kPayloadBytesMax);
  // The library's default lets two servers share a port; one that is in use is an error here.
  server.set_socket_options([](socket_t socket) {
    const int on = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  });
  server.Get("/stats", [stats = pages.stats](const httplib::Request&, httplib::Response& response) {
    response.set_content(stats(), "application/json");
  });
  server.Get("/metrics", [metrics = pages.metrics](const httplib::Request&, httplib::Response& response) {
    response.set_content(metrics(), "text/plain; version=0.0.4");
  });
  server.Get("/livez",
             [](const httplib::Request&, httplib::Response& response) { response.set_content("ok\n", "text/plain"); });
  server.Get("/readyz", [ready = pages.ready](const httplib::Request&, httplib::Response& response) {
    const absl::Status status = ready();
    response.status = status.ok() ? 200 : 503;
    response.set_content(status.ok() ? "ok\n" : absl::StrCat(status.message(), "\n"), "text/plain");
  });
  const int bound = port == 0 ? server.bind_to_any_port(host) : (server.bind_to_port(host, port) ? port : -1);
  if (bound < 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", host, ":", port, " (--http_listen): is it in use?"));
  }
  operations->port_ = bound;
  absl::StatusOr<std::unique_ptr<ServerLoop>> loop =
      ServerLoop::Start(server, kThreads, [&server, host, bound] { return server.bind_to_port(host, bound); });
  if (!loop.ok()) return loop.status();
  operations->loop_ = *std::move(loop);
  operations->loop_->set_end_connections([bound] { ShutDownConnections(static_cast<uint16_t>(bound)); });
  return operations;
}

OperationsServer::~OperationsServer() = default;

}  // namespace eventlog
