#include "eventlog-svc/client/listen_address.h"

#include <arpa/inet.h>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace eventlog {
namespace {

constexpr int kPortMax = 65535;

}  // namespace

bool ListenAddress::is_loopback() const {
  in_addr v4;
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  return host == "localhost" || host == "::1";
}

std::string ListenAddress::ToString() const {
  return absl::StrContains(host, ':') ? absl::StrCat("[", host, "]:", port) : absl::StrCat(host, ":", port);
}

absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text) {
  const absl::Status bad = absl::InvalidArgumentError(
      absl::StrCat("\"", text, "\" is not an address; right is HOST:PORT as 127.0.0.1:7431 or [::1]:7431"));
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return bad;
  ListenAddress address;
  absl::string_view host = text.substr(0, colon);
  const bool brackets = absl::StartsWith(host, "[") && absl::EndsWith(host, "]");
  if (brackets) host = host.substr(1, host.size() - 2);
  if (host.empty() || (absl::StrContains(host, ':') && !brackets)) return bad;
  if (!absl::SimpleAtoi(text.substr(colon + 1), &address.port) || address.port < 0 || address.port > kPortMax) {
    return bad;
  }
  address.host = std::string(host);
  return address;
}

absl::StatusOr<ListenAddress> ParseListenFlag(absl::string_view flag, absl::string_view value, bool insecure) {
  absl::StatusOr<ListenAddress> address = ParseListenAddress(value);
  if (!address.ok()) return absl::InvalidArgumentError(absl::StrCat("--", flag, ": ", address.status().message()));
  if (!address->is_loopback() && !insecure) {
    return absl::InvalidArgumentError(
        absl::StrCat("--", flag, "=", value, " is not a loopback address: give --insecure to serve it without TLS"));
  }
  return address;
}

}  // namespace eventlog
