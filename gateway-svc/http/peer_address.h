// The other end of a connection, as it is written.

#ifndef GATEWAY_SVC_HTTP_PEER_ADDRESS_H_
#define GATEWAY_SVC_HTTP_PEER_ADDRESS_H_

#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "absl/strings/str_cat.h"

namespace gateway {

// HOST:PORT, IPv6 in brackets.
inline std::string FormatEndpoint(const boost::asio::ip::tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  return endpoint.address().is_v6() ? absl::StrCat("[", host, "]:", endpoint.port())
                                    : absl::StrCat(host, ":", endpoint.port());
}

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_PEER_ADDRESS_H_
