#include "eventlog-svc/client/channel.h"

#include <cstdlib>

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

}  // namespace

std::string ServerFromEnvironment() {
  const char* const server = std::getenv(kServerVariable);
  return server != nullptr && *server != '\0' ? server : kDefaultServer;
}

std::shared_ptr<grpc::Channel> NewChannel(const std::string& server) {
  KeepGrpc();
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveTimeMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectBackoffMinMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectBackoffMaxMs);
  // Two channels to one address must not share a connection, nor the backoff of one that failed.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  return grpc::CreateCustomChannel(server, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace eventlog
