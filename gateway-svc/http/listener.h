// Accepts connections, at most so many a second, and deals them out to the shards, one after the other.

#ifndef GATEWAY_SVC_HTTP_LISTENER_H_
#define GATEWAY_SVC_HTTP_LISTENER_H_

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "gateway-svc/http/accept_counters.h"
#include "gateway-svc/http/accept_pace.h"
#include "gateway-svc/http/connection_budget.h"
#include "gateway-svc/http/shard.h"

namespace gateway {

class Listener {
 public:
  // `shards` are running from Start to Stop; it runs on the first one's thread.
  Listener(std::vector<Shard*> shards, ConnectionBudget& budget, double accepts_per_second_max = 5000);
  // Stops.
  ~Listener();

  // Binds and listens. A port in use is an error (kAlreadyExists); port 0 takes a free one.
  absl::Status Open(const std::string& host, uint16_t port);
  uint16_t port() const { return port_; }
  // Begins to accept.
  void Start();
  // Accepts no more; the port is free when it returns. Any thread, also twice.
  void Stop();
  const AcceptCounters& counters() const { return counters_; }

 private:
  void AwaitConnections();
  void AcceptWaiting();
  void AcceptAfter(absl::Duration pause);
  // A connection that was accepted for this shard, of peer_.
  void Take(boost::asio::ip::tcp::socket socket, Shard& shard);

  const std::vector<Shard*> shards_;
  ConnectionBudget& budget_;
  AcceptCounters counters_;
  uint16_t port_ = 0;
  bool started_ = false;
  std::atomic<bool> stopping_{false};
  absl::Notification stopped_;

  // The first shard's thread, from Start to Stop.
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  boost::asio::ip::tcp::endpoint peer_;  // of the connection that is being accepted
  AcceptPace pace_;
  size_t next_shard_ = 0;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_LISTENER_H_
