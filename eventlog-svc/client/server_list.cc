#include "eventlog-svc/client/server_list.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "eventlog-svc/client/channel.h"
#include "eventlog-svc/client/listen_address.h"

namespace eventlog {

absl::StatusOr<ServerList> ServerList::Parse(absl::string_view servers) {
  ServerList list;
  for (absl::string_view part : absl::StrSplit(servers, ',')) {
    part = absl::StripAsciiWhitespace(part);
    const absl::StatusOr<ListenAddress> address = ParseListenAddress(part);
    if (!address.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", servers, "\": ", address.status().message(), "; several with commas between"));
    }
    list.servers_.push_back({std::string(part), nullptr});
  }
  return list;
}

ServerList::ServerList(std::shared_ptr<grpc::Channel> channel) { servers_.push_back({"", std::move(channel)}); }

std::shared_ptr<grpc::Channel> ServerList::channel() {
  Server& server = servers_[at_];
  if (server.channel == nullptr) server.channel = NewChannel(server.address);
  return server.channel;
}

}  // namespace eventlog
