#include "gateway-svc/http/host_name.h"

#include <arpa/inet.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace gateway {
namespace {

bool Parses(int family, absl::string_view text) {
  in6_addr address;  // has room for either
  return inet_pton(family, std::string(text).c_str(), &address) == 1;
}

}  // namespace

absl::string_view WithoutPort(absl::string_view authority) {
  if (absl::StartsWith(authority, "[")) return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

bool IsIpAddress(absl::string_view host) {
  if (absl::ConsumePrefix(&host, "[")) return absl::ConsumeSuffix(&host, "]") && Parses(AF_INET6, host);
  return Parses(AF_INET, host);
}

bool IsLoopback(absl::string_view host) {
  // Numbers only behind "127.": a name may begin like that and belong to anybody.
  const bool network127 =
      absl::StartsWith(host, "127.") && host.find_first_not_of("0123456789.") == absl::string_view::npos;
  return network127 || host == "[::1]" || absl::EqualsIgnoreCase(host, "localhost") ||
         absl::EndsWithIgnoreCase(host, ".localhost");
}

}  // namespace gateway
