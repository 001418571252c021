// The HTTP side of the service: /stats, /metrics, /livez, /readyz.

#ifndef EVENTLOG_SVC_HTTP_OPERATIONS_SERVER_H_
#define EVENTLOG_SVC_HTTP_OPERATIONS_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventlog-svc/client/server_loop.h"

namespace httplib {
class Server;
}

namespace eventlog {

// What the pages say; called on the server's threads.
struct OperationsPages {
  std::function<std::string()> stats;
  std::function<std::string()> metrics;
  // OK, or one line why the service should get no traffic.
  std::function<absl::Status()> ready;
};

// Serves on a few threads of its own until it is destroyed.
class OperationsServer {
 public:
  // kUnavailable when the address cannot be bound or listened to. Port 0 takes a free one.
  static absl::StatusOr<std::unique_ptr<OperationsServer>> Start(const std::string& host, int port,
                                                                 OperationsPages pages);
  ~OperationsServer();

  int port() const { return port_; }

 private:
  OperationsServer();

  std::unique_ptr<httplib::Server> server_;
  int port_ = 0;
  std::unique_ptr<ServerLoop> loop_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_HTTP_OPERATIONS_SERVER_H_
