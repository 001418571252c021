// Connections to the log service, all made in one way.

#ifndef EVENTLOG_SVC_CLIENT_CHANNEL_H_
#define EVENTLOG_SVC_CLIENT_CHANNEL_H_

#include <memory>
#include <string>

#include "grpcpp/channel.h"

namespace eventlog {

inline constexpr char kDefaultServer[] = "127.0.0.1:7431";
inline constexpr char kServerVariable[] = "EVENTLOG_SERVER";

// HOST:PORT of the log service where no flag says it: that of the environment, or kDefaultServer where it is not set or
// empty.
std::string ServerFromEnvironment();

// A channel to HOST:PORT that notices a dead peer within about 20 s (HTTP/2 pings, also while a call is silent) and
// tries to reconnect at least every 2 s. Does not connect yet.
//
// Several with commas between are ways to one log, tried in their order for each connection: the first that answers.
// The names among them are looked up once, here.
std::shared_ptr<grpc::Channel> NewChannel(const std::string& server);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_CHANNEL_H_
