// The part of the operations port under /admin/: lists the clients, ends one, drains the gateway.
//
// Answers are JSON. It trusts whoever reaches the port, except web pages: admin_guard.h.

#ifndef GATEWAY_SVC_HTTP_ADMIN_H_
#define GATEWAY_SVC_HTTP_ADMIN_H_

#include <functional>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "gateway-svc/http/client_directory.h"
#include "gateway-svc/http/disconnect_log.h"

namespace httplib {
struct Request;
struct Response;
}  // namespace httplib

namespace gateway {

// Any thread.
struct AdminActions {
  ClientDirectory* clients = nullptr;
  const DisconnectLog* disconnects = nullptr;
  // Sends all clients away, each within the time given, and takes no more; returns at once. False: that goes on
  // already.
  std::function<bool(absl::Duration)> drain;
  absl::Duration drain_default = absl::Seconds(1);
};

class Admin {
 public:
  // What the actions point to outlives it.
  explicit Admin(AdminActions actions) : actions_(std::move(actions)) {}

  // False: the path is not one of these. Any thread; does not look at the request's body, which may not be read yet.
  bool Answer(const httplib::Request& request, httplib::Response& response) const;

 private:
  void List(const httplib::Request& request, httplib::Response& response) const;
  void Kick(const std::string& id, httplib::Response& response) const;
  void Drain(const httplib::Request& request, httplib::Response& response) const;

  const AdminActions actions_;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_ADMIN_H_
