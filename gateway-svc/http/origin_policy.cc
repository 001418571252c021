#include "gateway-svc/http/origin_policy.h"

#include <arpa/inet.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace gateway {
namespace {

// The host and port of "scheme://host:port".
absl::string_view Authority(absl::string_view origin) {
  const size_t at = origin.find("://");
  return at == absl::string_view::npos ? absl::string_view() : origin.substr(at + 3);
}

absl::string_view WithoutPort(absl::string_view authority) {
  if (absl::StartsWith(authority, "[")) return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

bool IsLoopback(absl::string_view host) {
  // Numbers only behind "127.": a name may begin like that and belong to anybody.
  const bool network127 =
      absl::StartsWith(host, "127.") && host.find_first_not_of("0123456789.") == absl::string_view::npos;
  return network127 || host == "[::1]" || absl::EqualsIgnoreCase(host, "localhost") ||
         absl::EndsWithIgnoreCase(host, ".localhost");
}

// An IP address, as browsers write one.
bool IsAddress(absl::string_view host) {
  if (absl::StartsWith(host, "[")) return true;
  in_addr address;
  return inet_pton(AF_INET, std::string(host).c_str(), &address) == 1;
}

}  // namespace

bool OriginPolicy::AllowsHost(absl::string_view host) const {
  for (const std::string& allowed : allowed_) {
    if (allowed == "*" || absl::EqualsIgnoreCase(Authority(allowed), host)) return true;
  }
  const absl::string_view name = WithoutPort(host);
  return IsLoopback(name) || IsAddress(name);
}

bool OriginPolicy::Allows(absl::string_view origin, absl::string_view host) const {
  if (origin.empty()) return true;
  for (const std::string& allowed : allowed_) {
    if (allowed == "*" || absl::EqualsIgnoreCase(allowed, origin)) return true;
  }
  if (!allowed_.empty()) return false;
  const absl::string_view authority = Authority(origin);
  if (authority.empty()) return false;
  const absl::string_view name = WithoutPort(authority);
  return IsLoopback(name) || (IsAddress(name) && absl::EqualsIgnoreCase(authority, host));
}

}  // namespace gateway
