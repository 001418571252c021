#include "gateway-svc/http/admin_guard.h"

#include <arpa/inet.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace gateway {
namespace {

bool IsAddress(int family, absl::string_view text) {
  in6_addr address;  // has room for either
  return inet_pton(family, std::string(text).c_str(), &address) == 1;
}

// "[v6]:port" or "[v6]" or "name:port" or "name".
bool IsAddressOrLocalhost(absl::string_view host) {
  if (absl::ConsumePrefix(&host, "[")) return IsAddress(AF_INET6, host.substr(0, host.find(']')));
  const absl::string_view name = host.substr(0, host.find(':'));
  return absl::EqualsIgnoreCase(name, "localhost") || IsAddress(AF_INET, name);
}

}  // namespace

std::string AdminRefusal(bool has_origin, absl::string_view host) {
  if (has_origin) return "requests of web pages (with an Origin) are refused here";
  if (!host.empty() && !IsAddressOrLocalhost(host)) {
    return absl::StrCat("the Host \"", host, "\" is refused here: use an IP address or localhost");
  }
  return "";
}

}  // namespace gateway
