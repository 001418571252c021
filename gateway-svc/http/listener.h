// Accepts connections and deals them out to the shards, one after the other.

#ifndef GATEWAY_SVC_HTTP_LISTENER_H_
#define GATEWAY_SVC_HTTP_LISTENER_H_

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gateway-svc/http/connection_budget.h"
#include "gateway-svc/http/shard.h"

namespace gateway {

class Listener {
 public:
  // `shards` are running from Start to Stop; it runs on the first one's thread.
  Listener(std::vector<Shard*> shards, ConnectionBudget& budget);
  // Stops.
  ~Listener();

  // Binds and listens. A port in use is an error (kAlreadyExists); port 0 takes a free one.
  absl::Status Open(const std::string& host, uint16_t port);
  uint16_t port() const { return port_; }
  // Begins to accept.
  void Start();
  // Accepts no more; the port is free when it returns.
  void Stop();

 private:
  void Accept();
  void OnAccept(const boost::system::error_code& error, boost::asio::ip::tcp::socket socket, size_t shard);

  const std::vector<Shard*> shards_;
  ConnectionBudget& budget_;
  uint16_t port_ = 0;
  bool started_ = false;
  bool stopped_ = false;

  // The first shard's thread, from Start to Stop.
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer retry_;
  size_t next_shard_ = 0;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_LISTENER_H_
