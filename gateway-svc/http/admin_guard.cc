#include "gateway-svc/http/admin_guard.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gateway-svc/http/host_name.h"

namespace gateway {
std::string AdminRefusal(bool has_origin, absl::string_view host) {
  if (has_origin) return "requests of web pages (with an Origin) are refused here";
  const absl::string_view name = WithoutPort(host);
  if (!host.empty() && !absl::EqualsIgnoreCase(name, "localhost") && !IsIpAddress(name)) {
    return absl::StrCat("the Host \"", host, "\" is refused here: use an IP address or localhost");
  }
  return "";
}

}  // namespace gateway
