// The operations port: /livez, /readyz, /metrics, /stats, and /admin/ (admin.h).

#ifndef GATEWAY_SVC_HTTP_OPS_H_
#define GATEWAY_SVC_HTTP_OPS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "eventlog-svc/client/server_loop.h"
#include "gateway-svc/http/admin.h"
#include "gateway-svc/http/gateway_status.h"

namespace httplib {
class Server;
struct Request;
struct Response;
}  // namespace httplib

namespace gateway {

class Ops {
 public:
  // `status` and the actions are called on threads of the server, from Open to Stop.
  Ops(std::function<GatewayStatus()> status, AdminActions admin);
  // Stops.
  ~Ops();

  // Binds, and answers from then on. A port in use is an error; port 0 takes a free one.
  absl::Status Open(const std::string& host, uint16_t port);
  uint16_t port() const { return port_; }
  // Answers those that have been read, and no more.
  void Stop();

 private:
  void Answer(const httplib::Request& request, httplib::Response& response) const;

  const std::function<GatewayStatus()> status_;
  const Admin admin_;
  const std::unique_ptr<httplib::Server> server_;
  uint16_t port_ = 0;
  std::unique_ptr<eventlog::ServerLoop> loop_;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_OPS_H_
