// HOST:PORT, as flags and ready lines have it.

#ifndef GATEWAY_SVC_LISTEN_ADDRESS_H_
#define GATEWAY_SVC_LISTEN_ADDRESS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace gateway {

struct ListenAddress {
  std::string host;  // an IP address without brackets; "localhost" is 127.0.0.1
  uint16_t port = 0;

  bool is_loopback() const;
  // IPv6 in brackets.
  std::string ToString() const;
};

// kInvalidArgument says what would be right.
absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text);

}  // namespace gateway

#endif  // GATEWAY_SVC_LISTEN_ADDRESS_H_
