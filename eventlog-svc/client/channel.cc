#include "eventlog-svc/client/channel.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdlib>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "eventlog-svc/client/listen_address.h"
#include "grpc/grpc.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"

namespace eventlog {
namespace {

constexpr int kKeepaliveTimeMs = 10'000;
constexpr int kKeepaliveTimeoutMs = 10'000;
constexpr int kReconnectBackoffMinMs = 100;
// How long one attempt to connect may take: gRPC has no name of its own for it.
constexpr int kConnectTimeoutMs = 10'000;
// Of several addresses one that hangs must not keep the next one waiting.
constexpr int kNextAddressTimeoutMs = 2'000;
constexpr char kBackupPollMs[] = "200";
constexpr int kReconnectBackoffMaxMs = 2'000;

// gRPC ends its threads when its last user goes, and may wait ten seconds for one that polls. A process that made a
// channel keeps it to its end.
void KeepGrpc() {
  static const bool kept = [] {
    // Between calls that failed nobody looks after the channel but gRPC's own poller, every 5 s by default: so long
    // would a service that is back not be noticed. There is no other way to say it than the environment.
    setenv("GRPC_CLIENT_CHANNEL_BACKUP_POLL_INTERVAL_MS", kBackupPollMs, /*overwrite=*/0);
    grpc_init();
    return true;
  }();
  (void)kept;
}

// "[ADDRESS]:PORT" of each address of the host, those of IPv4 as IPv6 writes them.
std::vector<std::string> LookUp(const ListenAddress& address) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(address.host.c_str(), nullptr, &hints, &found) != 0) return {};
  std::vector<std::string> addresses;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    char text[INET6_ADDRSTRLEN] = "";
    if (one->ai_family == AF_INET) {
      inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(one->ai_addr)->sin_addr, text, sizeof(text));
      addresses.push_back(absl::StrCat("[::ffff:", text, "]:", address.port));
    } else if (one->ai_family == AF_INET6) {
      inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(one->ai_addr)->sin6_addr, text, sizeof(text));
      addresses.push_back(absl::StrCat("[", text, "]:", address.port));
    }
  }
  freeaddrinfo(found);
  return addresses;
}

// gRPC's name of several addresses; its pick_first takes them in their order.
std::string TargetOf(const std::vector<std::string>& servers) {
  std::vector<std::string> addresses;
  for (const std::string& server : servers) {
    const absl::StatusOr<ListenAddress> address = ParseListenAddress(absl::StripAsciiWhitespace(server));
    if (!address.ok()) continue;
    for (std::string& found : LookUp(*address)) addresses.push_back(std::move(found));
  }
  // Nothing known: gRPC says so of the first.
  return addresses.empty() ? servers[0] : absl::StrCat("ipv6:", absl::StrJoin(addresses, ","));
}

}  // namespace

std::string ServerFromEnvironment() {
  const char* const server = std::getenv(kServerVariable);
  return server != nullptr && *server != '\0' ? server : kDefaultServer;
}

std::shared_ptr<grpc::Channel> NewChannel(const std::string& server) {
  KeepGrpc();
  const std::vector<std::string> servers = absl::StrSplit(server, ',');
  const bool several = servers.size() > 1;
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveTimeMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectBackoffMinMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, several ? kNextAddressTimeoutMs : kConnectTimeoutMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectBackoffMaxMs);
  // Two channels to one address must not share a connection, nor the backoff of one that failed.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  // http_proxy of the environment is for the Web: a proxy would be asked for 127.0.0.1, too, and see all that is sent.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(several ? TargetOf(servers) : server, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace eventlog
