// The addresses at which one log can be reached, and which of them is used.
//
// All of them must lead to the same log: two ways to one service, or the present and the next place of its directory.
// Only there are a producer's sequence numbers known, which keep a batch that was sent to two addresses from being
// stored twice.

#ifndef EVENTLOG_SVC_CLIENT_SERVER_LIST_H_
#define EVENTLOG_SVC_CLIENT_SERVER_LIST_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "grpcpp/channel.h"

namespace eventlog {

// Not thread safe.
class ServerList {
 public:
  // "HOST:PORT" or several with commas between. kInvalidArgument names the part that is wrong.
  static absl::StatusOr<ServerList> Parse(absl::string_view servers);
  // The one place that this channel leads to.
  explicit ServerList(std::shared_ptr<grpc::Channel> channel);

  // To the address in use; made when it is first asked for.
  std::shared_ptr<grpc::Channel> channel();
  // The address in use failed: the next one is, and after the last the first.
  void Next() { at_ = (at_ + 1) % servers_.size(); }
  // Of the one in use; empty when it was given as a channel.
  const std::string& address() const { return servers_[at_].address; }
  size_t size() const { return servers_.size(); }

 private:
  struct Server {
    std::string address;
    std::shared_ptr<grpc::Channel> channel;
  };

  ServerList() = default;

  std::vector<Server> servers_;
  size_t at_ = 0;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_SERVER_LIST_H_
