// What a shard tells of its clients, and does to one of them, for an operator.

#ifndef GATEWAY_SVC_HTTP_SHARD_CLIENTS_H_
#define GATEWAY_SVC_HTTP_SHARD_CLIENTS_H_

#include <functional>
#include <string>
#include <vector>

#include "gateway-svc/http/client_info.h"

namespace gateway {

// Any thread. `done` is called once, on the shard's thread or, when the shard has stopped, on any.
class ShardClients {
 public:
  virtual ~ShardClients() = default;

  // With nothing when the shard stops.
  virtual void Describe(std::function<void(std::vector<ClientInfo>)> done) = 0;
  // Ends the connection `id` for the reason "kicked"; with false when this shard has none.
  virtual void Kick(std::string id, std::function<void(bool)> done) = 0;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_SHARD_CLIENTS_H_
