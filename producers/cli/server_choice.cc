#include "producers/cli/server_choice.h"

#include <chrono>
#include <memory>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "eventlog-svc/client/channel.h"
#include "grpc/impl/codegen/connectivity_state.h"
#include "grpcpp/channel.h"

namespace eventlog {
namespace {

bool CanConnect(const std::string& server, absl::Duration timeout) {
  const std::shared_ptr<grpc::Channel> channel = NewChannel(server);
  const std::chrono::system_clock::time_point deadline = absl::ToChronoTime(absl::Now() + timeout);
  grpc_connectivity_state state = channel->GetState(/*try_to_connect=*/true);
  while (state != GRPC_CHANNEL_READY && state != GRPC_CHANNEL_TRANSIENT_FAILURE) {
    if (!channel->WaitForStateChange(state, deadline)) return false;
    state = channel->GetState(/*try_to_connect=*/true);
  }
  return state == GRPC_CHANNEL_READY;
}

}  // namespace

std::string ChooseServer(const std::string& servers, absl::Duration timeout) {
  const std::vector<std::string> all = absl::StrSplit(servers, ',');
  for (size_t i = 0; i + 1 < all.size(); ++i) {
    if (CanConnect(all[i], timeout)) return all[i];
  }
  return all.back();
}

}  // namespace eventlog
