#include "gateway-svc/http/origin_policy.h"

#include "absl/strings/match.h"
#include "gateway-svc/http/host_name.h"

namespace gateway {
namespace {

// The host and port of "scheme://host:port".
absl::string_view Authority(absl::string_view origin) {
  const size_t at = origin.find("://");
  return at == absl::string_view::npos ? absl::string_view() : origin.substr(at + 3);
}

}  // namespace

bool OriginPolicy::AllowsHost(absl::string_view host) const {
  for (const std::string& allowed : allowed_) {
    if (allowed == "*" || absl::EqualsIgnoreCase(Authority(allowed), host)) return true;
  }
  const absl::string_view name = WithoutPort(host);
  return IsLoopback(name) || IsIpAddress(name);
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
  return IsLoopback(name) || (IsIpAddress(name) && absl::EqualsIgnoreCase(authority, host));
}

}  // namespace gateway
