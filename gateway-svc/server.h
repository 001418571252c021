// The whole gateway: owns every part and builds and stops them in order.
//
//   feed -> ring <- shards (clients pull) <- listener; ops looks at all of them
//
// It starts without the log service: clients are told so in words until the feed has reached it.

#ifndef GATEWAY_SVC_SERVER_H_
#define GATEWAY_SVC_SERVER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/listen_address.h"
#include "gateway-svc/feed/event_feed.h"
#include "gateway-svc/http/client_host.h"
#include "gateway-svc/http/connection_budget.h"
#include "gateway-svc/http/disconnect_log.h"
#include "gateway-svc/http/gateway_status.h"
#include "gateway-svc/http/listener.h"
#include "gateway-svc/http/ops.h"
#include "gateway-svc/http/shard.h"
#include "gateway-svc/http/shard_directory.h"
#include "gateway-svc/hub/cold_reader.h"
#include "gateway-svc/hub/event_ring.h"

namespace gateway {

struct ServerOptions {
  eventlog::ListenAddress listen{"127.0.0.1", 7432};
  eventlog::ListenAddress ops_listen{"127.0.0.1", 7433};
  std::string eventlog = "127.0.0.1:7431";  // address of the log service
  std::string log = "events";
  int shards = 0;  // 0: as many as cores
  size_t ring_bytes_max = 64 * 1024 * 1024;
  size_t cold_cache_bytes_max = 32 * 1024 * 1024;
  int64_t connections_max = 15'000;
  // Of one address, or one IPv6 network of 64 bits; 0: no limit.
  int64_t connections_per_address_max = 0;
  // More wait in the kernel's backlog.
  double accepts_per_second_max = 5'000;
  // Closes are spread over this time when it stops, and clients then have as long to answer them.
  absl::Duration drain = absl::Seconds(1);
  ClientOptions client;
};

class Server {
 public:
  explicit Server(ServerOptions options);
  // Stops.
  ~Server();

  // Binds both ports and begins to serve. A port in use is an error.
  absl::Status Start();
  // Readiness false, accepts no more, tells every client where to go on and lets it go within `over`. Returns at once;
  // the server goes on without clients until Stop. False: it drains already. Any thread, while it is started.
  bool Drain(absl::Duration over);
  // Drains within the options' time, and ends. Takes at most about two of it.
  void Stop();

  eventlog::ListenAddress public_address() const { return {options_.listen.host, listener_->port()}; }
  eventlog::ListenAddress ops_address() const { return {options_.ops_listen.host, ops_->port()}; }
  // Any thread, while it is started.
  GatewayStatus status() const;

 private:
  const ServerOptions options_;
  const absl::Time start_time_;
  ConnectionBudget budget_;
  EventRing ring_;
  EventFeed feed_;
  ColdReader cold_;
  DisconnectLog disconnects_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<ShardDirectory> directory_;
  std::unique_ptr<Ops> ops_;
  // Everything runs: the operations port may be asked to drain a little earlier.
  absl::Notification running_;
  std::atomic<bool> draining_{false};
  bool started_ = false;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_SERVER_H_
