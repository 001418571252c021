#include "gateway-svc/listen_address.h"

#include <arpa/inet.h>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace gateway {
namespace {

bool IsAddress(int family, const std::string& host) {
  unsigned char parsed[sizeof(struct in6_addr)];
  return inet_pton(family, host.c_str(), parsed) == 1;
}

}  // namespace

bool ListenAddress::is_loopback() const { return host == "::1" || absl::StartsWith(host, "127."); }

std::string ListenAddress::ToString() const {
  return absl::StrContains(host, ':') ? absl::StrCat("[", host, "]:", port) : absl::StrCat(host, ":", port);
}

absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text) {
  const absl::Status refused = absl::InvalidArgumentError(
      absl::StrCat("\"", text, "\" is not IP:PORT, for example 127.0.0.1:7432, [::1]:7432 or localhost:0"));
  const size_t colon = text.rfind(':');
  int port = 0;
  if (colon == absl::string_view::npos || !absl::SimpleAtoi(text.substr(colon + 1), &port) || port < 0 ||
      port > 65535) {
    return refused;
  }
  ListenAddress address;
  address.host = std::string(text.substr(0, colon));
  address.port = static_cast<uint16_t>(port);
  if (address.host == "localhost") address.host = "127.0.0.1";
  if (address.host.size() > 2 && address.host.front() == '[' && address.host.back() == ']') {
    address.host = address.host.substr(1, address.host.size() - 2);
    if (!IsAddress(AF_INET6, address.host)) return refused;
  } else if (!IsAddress(AF_INET, address.host)) {
    return refused;
  }
  return address;
}

}  // namespace gateway
