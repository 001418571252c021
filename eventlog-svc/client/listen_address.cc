#include "eventlog-svc/client/listen_address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>

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

absl::Status CheckPortIsFree(absl::string_view flag, const ListenAddress& address) {
  if (address.port == 0) return absl::OkStatus();
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found) != 0) {
    return absl::OkStatus();
  }
  bool in_use = false;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    const int fd = socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC, one->ai_protocol);
    if (fd < 0) continue;
    // As servers do: connections that have just ended do not count.
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    in_use = in_use || (bind(fd, one->ai_addr, one->ai_addrlen) != 0 && errno == EADDRINUSE);
    close(fd);
  }
  freeaddrinfo(found);
  if (!in_use) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("cannot listen on ", address.ToString(), " (--", flag, "): somebody listens there already"));
}

}  // namespace eventlog
