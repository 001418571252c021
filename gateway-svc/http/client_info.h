// What an operator sees of one client, and of one that went. Snapshots: made on the shard's thread, given away.

#ifndef GATEWAY_SVC_HTTP_CLIENT_INFO_H_
#define GATEWAY_SVC_HTTP_CLIENT_INFO_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace gateway {

struct ClientInfo {
  std::string id;         // the connection's, as in `hello`
  std::string address;    // of the peer, HOST:PORT
  std::string transport;  // "websocket", "websocket+deflate", "sse"; "http" before that is known
  std::string phase;      // "handshake", "starting", "streaming", "paused", "closing"
  std::string cursor;     // the last thing given to its socket; empty before it began
  std::string filter;     // normalized, as JSON
  std::string mode;       // "lossless", "conflate", "sample"
  int64_t behind_events = 0;
  int64_t bytes_sent = 0;
  int64_t bytes_received = 0;
  int64_t bytes_pending = 0;  // given to the client's window, not yet taken by its socket
  absl::Duration age;
};

// One that went.
struct DisconnectInfo {
  ClientInfo client;        // as it was
  const char* reason = "";  // of kDisconnectReasons
  absl::Time time;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_CLIENT_INFO_H_
