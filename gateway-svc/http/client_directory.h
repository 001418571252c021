// The clients that are connected now, as an operator looks at them.

#ifndef GATEWAY_SVC_HTTP_CLIENT_DIRECTORY_H_
#define GATEWAY_SVC_HTTP_CLIENT_DIRECTORY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gateway-svc/http/client_info.h"

namespace gateway {

struct ClientList {
  std::vector<ClientInfo> clients;  // in no order
  // False: some did not answer in time and are left out.
  bool complete = true;
};

// Any thread. A call may take a few seconds.
class ClientDirectory {
 public:
  virtual ~ClientDirectory() = default;

  virtual ClientList List() = 0;
  // Ends the connection `id`, for the reason "kicked". kNotFound: there is none; kUnavailable: those that might have it
  // did not answer in time, and may still end it.
  virtual absl::Status Kick(const std::string& id) = 0;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_CLIENT_DIRECTORY_H_
